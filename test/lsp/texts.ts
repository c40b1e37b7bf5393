/** Elixir that is wrong in known ways. */

/** Two findings with safe fixes. */
export const election = `defmodule Shop.Election do
  def won?(votes, members) do
    length(votes) >= div(length(members), 2)
  end

  def may_write?(acks, replicas) do
    length(acks) >= div(length(replicas), 2)
  end
end
`;

export const quorum = 'quorum-half-is-not-majority';
export const wonByHalf = 'length(votes) >= div(length(members), 2)';
export const writtenByHalf = 'length(acks) >= div(length(replicas), 2)';

/** The text with its findings mended. */
export const mended = election.replaceAll(', 2)', ', 2) + 1');

export const elapsed = 'clock-wall-elapsed';

/** One finding, which weighs more where the project runs on a later OTP. */
export const timing = `defmodule Shop.Timing do
  def took(fun) do
    started = System.os_time()
    fun.()
    System.os_time() - started > 5_000
  end
end
`;

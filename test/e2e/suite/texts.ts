/** Elixir with known mistakes. */

/** Two findings with safe fixes. */
export const votes = `defmodule Shop.Votes do
  def won?(votes, members), do: length(votes) >= div(length(members), 2)
  def stored?(acks, replicas), do: length(acks) >= div(length(replicas), 2)
end
`;

export const quorum = 'quorum-half-is-not-majority';
export const fix = 'Require one more than half';
export const votesFindings = [`2 ${quorum}`, `3 ${quorum}`];

/** The text without its mistakes. */
export const mended = votes.replaceAll(', 2)', ', 2) + 1');

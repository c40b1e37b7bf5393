defmodule Presence.Stats do
  @moduledoc "Counts of this node, read by the health check and by operators."

  require Logger

  @users 1

  @doc "Makes the counters; once, before anything counts."
  def setup, do: :persistent_term.put(__MODULE__, :counters.new(1, [:write_concurrency]))

  @doc "One user more."
  def joined, do: :counters.add(counters(), @users, 1)

  @doc "One user less, but never less than none."
  def left do
    ref = counters()
    users = :counters.get(ref, @users)
    :counters.put(ref, @users, max(users - 1, 0))
  end

  @doc "Users of this node."
  def users, do: :counters.get(counters(), @users)

  @doc "Tells the log that a node is taken out."
  def drained(node), do: Logger.notice("#{node} is taken out with #{users()} users here")

  defp counters, do: :persistent_term.get(__MODULE__)
end

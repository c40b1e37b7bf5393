defmodule Presence.Admin do
  @moduledoc "What operators call from a remote console."

  alias Presence.Stats

  @doc "Sets the log level everywhere."
  def log_level(level) do
    for node <- [node() | Node.list()] do
      :erpc.call(node, Logger, :configure, [[level: level]], 5_000)
    end

    :ok
  end

  @doc "Takes a node out before its machine is looked at."
  def drain(node) do
    Stats.drained(node)
    Node.disconnect(node)
  end

  @doc "How many users each node has."
  def users do
    # netsplit:disable-for-next-line rpc-in-loop -- three nodes, by hand
    :erpc.multicall([node() | Node.list()], Stats, :users, [], 5_000)
  end
end

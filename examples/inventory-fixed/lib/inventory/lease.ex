defmodule Inventory.Lease do
  @moduledoc """
  The right to do something alone for a while, granted by the Raft cluster.

  The deadline is in this node's monotonic time and stays here. It is counted from before the request,
  so that the holder stops before the cluster grants the lease to another. Who acts under a lease sends
  its fence along: a fence that is not the newest is refused.
  """

  alias Inventory.Reservations

  @enforce_keys [:resource, :fence, :deadline]
  defstruct [:resource, :fence, :deadline]

  @margin_ms 1_000

  @doc "Takes the lease of `resource` for `ttl` milliseconds."
  def acquire(resource, ttl) do
    asked = System.monotonic_time(:millisecond)

    with {:ok, fence} <- Reservations.grant(resource, node(), ttl) do
      {:ok, %__MODULE__{resource: resource, fence: fence, deadline: asked + ttl - @margin_ms}}
    end
  end

  @doc "Whether the holder may still act."
  def valid?(lease) do
    now = System.monotonic_time(:millisecond)
    now < lease.deadline
  end
end

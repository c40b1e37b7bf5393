defmodule Inventory.Lease do
  @moduledoc "The right to do something alone for a while, granted by the Raft cluster."

  alias Inventory.Reservations

  @enforce_keys [:resource, :fence, :expiry]
  defstruct [:resource, :fence, :expiry]

  @doc "Takes the lease of `resource` for `ttl` milliseconds."
  def acquire(resource, ttl) do
    with {:ok, fence} <- Reservations.grant(resource, node(), ttl) do
      expiry = System.system_time(:millisecond) + ttl
      {:ok, %__MODULE__{resource: resource, fence: fence, expiry: expiry}}
    end
  end

  @doc "Whether the holder may still act."
  def valid?(lease) do
    now = System.system_time(:millisecond)
    now < lease.expiry
  end
end

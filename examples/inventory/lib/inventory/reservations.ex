defmodule Inventory.Reservations do
  @moduledoc "Asks the Raft cluster to reserve, release, order and grant leases."

  alias Inventory.{Consensus, StockMachine}

  @timeout 5_000

  def reserve(id, sku, quantity), do: command({:reserve, id, sku, quantity})

  def release(id), do: command({:release, id})

  def order(term, sku, quantity), do: command({:order, term, sku, quantity})

  @doc "The fence of a lease grows each time that the lease is granted."
  def grant(resource, owner, ttl), do: command({:grant, resource, owner, ttl})

  @doc "Items of `sku` that are not reserved, as the majority knows them."
  def free(sku) do
    case :ra.consistent_query(Consensus.server(), {StockMachine, :free, [sku]}, @timeout) do
      {:ok, free, _leader} -> {:ok, free}
      {:timeout, _server} -> {:error, :timeout}
      {:error, reason} -> {:error, reason}
    end
  end

  defp command(command) do
    case :ra.process_command(Consensus.server(), command, @timeout) do
      {:ok, reply} -> reply
      {:error, reason} -> {:error, reason}
    end
  end
end

defmodule Ledger.Settlement do
  @moduledoc "One process for each bank that we settle with; Swarm chooses its node."
  use GenServer, restart: :transient

  @banks [:north, :south, :west]

  @doc "Sees to it that every bank has its process."
  def sweep do
    for bank <- @banks do
      case Swarm.register_name({:settlement, bank}, __MODULE__, :start, [bank]) do
        {:ok, pid} -> settle(pid)
        {:error, {:already_registered, pid}} -> settle(pid)
        {:error, reason} -> {:error, reason}
      end
    end
  end

  @doc "Puts a bank's process out of the way, before its connection is moved to another node."
  def evict(bank) do
    case Swarm.whereis_name({:settlement, bank}) do
      :undefined -> :ok
      pid when node(pid) == node() -> GenServer.stop(pid)
      pid -> Node.disconnect(node(pid))
    end
  end

  def start(bank), do: GenServer.start_link(__MODULE__, bank)

  @impl true
  def init(bank), do: {:ok, %{bank: bank, open: []}}

  @impl true
  def handle_cast(:settle, state), do: {:noreply, %{state | open: []}}

  @impl true
  def handle_call({:swarm, :begin_handoff}, _from, state), do: {:reply, {:resume, state}, state}

  defp settle(pid), do: GenServer.cast(pid, :settle)
end

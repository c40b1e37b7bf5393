defmodule Inventory.Leader do
  @moduledoc """
  Keeps one node in charge of orders to suppliers: the one that holds their lease.

  The lease's fence is the term. An order that carries another term than the newest is refused, so a
  leader that was stopped for a while and does not know it yet does no harm.
  """
  use GenServer

  require Logger

  alias Inventory.{Lease, Quorum}

  @interval 5_000
  @lease_ms 20_000

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Whether this node is in charge."
  def leader?, do: GenServer.call(__MODULE__, :leader?)

  @doc "Grows with every change of leader; goes with each order."
  def term, do: GenServer.call(__MODULE__, :term)

  @impl true
  def init(nil) do
    Process.send_after(self(), :tick, @interval)
    {:ok, %{lease: nil, term: 0}}
  end

  @impl true
  def handle_call(:leader?, _from, state), do: {:reply, leading?(state), state}
  def handle_call(:term, _from, state), do: {:reply, state.term, state}

  @impl true
  def handle_info(:tick, state) do
    Process.send_after(self(), :tick, @interval)
    {:noreply, elect_leader(state)}
  end

  defp elect_leader(state) do
    if not leading?(state) and Quorum.connected?() do
      become_leader(state)
    else
      state
    end
  end

  defp leading?(%{lease: nil}), do: false
  defp leading?(%{lease: lease}), do: Lease.valid?(lease)

  defp become_leader(state) do
    case Lease.acquire(:suppliers, @lease_ms) do
      {:ok, lease} ->
        Logger.info("leading term #{lease.fence}")
        %{state | lease: lease, term: lease.fence}

      {:error, _reason} ->
        %{state | lease: nil}
    end
  end
end

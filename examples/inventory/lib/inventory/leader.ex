defmodule Inventory.Leader do
  @moduledoc "Keeps one node in charge of orders to suppliers."
  use GenServer

  require Logger

  alias Phoenix.PubSub

  @topic "leader"
  @interval 5_000

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Whether this node is in charge."
  def leader?, do: GenServer.call(__MODULE__, :leader?)

  @doc "Grows with every change of leader; goes with each order."
  def term, do: GenServer.call(__MODULE__, :term)

  @impl true
  def init(nil) do
    :ok = PubSub.subscribe(Inventory.PubSub, @topic)
    Process.send_after(self(), :tick, @interval)
    {:ok, %{leader: nil, term: 0}}
  end

  @impl true
  def handle_call(:leader?, _from, state), do: {:reply, state.leader == node(), state}
  def handle_call(:term, _from, state), do: {:reply, state.term, state}

  @impl true
  def handle_info(:tick, state) do
    Process.send_after(self(), :tick, @interval)
    {:noreply, elect_leader(state)}
  end

  def handle_info({:leader, node, term}, state) do
    {:noreply, %{state | leader: node, term: max(term, state.term)}}
  end

  defp elect_leader(state) do
    if leader_dead?(state) do
      become_leader(state)
    else
      state
    end
  end

  defp leader_dead?(state), do: state.leader not in [node() | Node.list()]

  defp become_leader(state) do
    term = state.term + 1
    Logger.info("leading term #{term}")
    PubSub.broadcast(Inventory.PubSub, @topic, {:leader, node(), term})
    %{state | leader: node(), term: term}
  end
end

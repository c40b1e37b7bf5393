defmodule Presence.Load do
  @moduledoc "How many users the other nodes have, as they said last."
  use GenServer

  alias Presence.Stats

  @interval 10_000

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Users by node."
  def users, do: GenServer.call(__MODULE__, :users)

  @impl true
  def init(nil) do
    :ok = :net_kernel.monitor_nodes(true)
    Process.send_after(self(), :tell, @interval)
    {:ok, %{}}
  end

  @impl true
  def handle_call(:users, _from, loads), do: {:reply, loads, loads}

  @impl true
  def handle_info(:tell, loads) do
    for node <- Node.list(), do: send({__MODULE__, node}, {:load, node(), Stats.users()})
    Process.send_after(self(), :tell, @interval)
    {:noreply, loads}
  end

  def handle_info({:load, node, users}, loads), do: {:noreply, Map.put(loads, node, users)}
  def handle_info({:nodedown, node}, loads), do: {:noreply, Map.delete(loads, node)}
end

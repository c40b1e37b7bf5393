defmodule Presence.Greetings do
  @moduledoc "What rooms say to newcomers; a node that starts takes it over from another one."
  use GenServer

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Sets what a room says."
  def put(room, text), do: GenServer.call(__MODULE__, {:put, room, text})

  @impl true
  def init(nil), do: {:ok, %{}, {:continue, :take_over}}

  @impl true
  def handle_continue(:take_over, greetings) do
    case Node.list() do
      [] -> {:noreply, greetings}
      [node | _others] -> {:noreply, GenServer.call({__MODULE__, node}, :all)}
    end
  end

  @impl true
  def handle_call(:all, _from, greetings), do: {:reply, greetings, greetings}

  def handle_call({:put, room, text}, _from, greetings) do
    {:reply, :ok, Map.put(greetings, room, text)}
  end
end

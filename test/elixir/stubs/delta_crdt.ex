defmodule DeltaCrdt.AWLWWMap do
  def new, do: %{}
end

defmodule DeltaCrdt do
  def child_spec(options),
    do: %{id: options[:name], start: {__MODULE__, :start_link, [options[:crdt], options]}}

  def start_link(_crdt_module, options \\ []),
    do: Agent.start_link(fn -> %{} end, name: options[:name])

  def set_neighbours(crdt, neighbours) when is_list(neighbours),
    do: send(crdt, {:set_neighbours, neighbours}) && :ok

  def put(crdt, key, value, _timeout \\ 5_000), do: update(crdt, &Map.put(&1, key, value))
  def merge(crdt, map, _timeout \\ 5_000), do: update(crdt, &Map.merge(&1, map))
  def drop(crdt, keys, _timeout \\ 5_000), do: update(crdt, &Map.drop(&1, keys))
  def delete(crdt, key, timeout \\ 5_000), do: drop(crdt, [key], timeout)

  @deprecated "Use put/4 instead"
  def mutate(crdt, operation, arguments, timeout \\ 5_000)
  def mutate(crdt, :add, [key, value], timeout), do: put(crdt, key, value, timeout) && :ok
  def mutate(crdt, :remove, [key], timeout), do: delete(crdt, key, timeout) && :ok

  def get(crdt, key, timeout \\ 5_000), do: to_map(crdt, timeout)[key]
  def take(crdt, keys, timeout \\ 5_000), do: Map.take(to_map(crdt, timeout), keys)
  def to_map(crdt, timeout \\ 5_000), do: Agent.get(crdt, & &1, timeout)

  defp update(crdt, change) do
    :ok = Agent.update(crdt, change)
    crdt
  end
end

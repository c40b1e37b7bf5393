defmodule Phoenix.PubSub do
  def child_spec(options),
    do:
      Supervisor.child_spec({Registry, keys: :duplicate, name: options[:name]}, id: options[:name])

  def subscribe(pubsub, topic, _options \\ []) do
    {:ok, _owner} = Registry.register(pubsub, topic, nil)
    :ok
  end

  def unsubscribe(pubsub, topic), do: Registry.unregister(pubsub, topic)

  def broadcast(pubsub, topic, message, _dispatcher \\ __MODULE__),
    do: local_broadcast(pubsub, topic, message)

  def local_broadcast(pubsub, topic, message, _dispatcher \\ __MODULE__) do
    Registry.dispatch(pubsub, topic, fn entries ->
      for {pid, _value} <- entries, do: send(pid, message)
    end)
  end
end

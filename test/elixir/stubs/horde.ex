# The signatures of Horde 0.10.0.
defmodule Horde.Registry do
  def child_spec(options), do: %{id: options[:name], start: {__MODULE__, :start_link, [options]}}

  def start_link(options) do
    :unique = Keyword.fetch!(options, :keys)
    Registry.start_link(keys: :unique, name: options[:name])
  end

  def register_name({registry, name}, pid) when pid == self(),
    do: Registry.register_name({registry, name}, pid)

  def unregister_name({registry, name}), do: Registry.unregister_name({registry, name})
  def whereis_name({registry, name}), do: Registry.whereis_name({registry, name})
  def send({registry, name}, message), do: Registry.send({registry, name}, message)
  def lookup(registry, key), do: Registry.lookup(registry, key)
end

defmodule Horde.DynamicSupervisor do
  def child_spec(options), do: %{id: options[:name], start: {__MODULE__, :start_link, [options]}}

  def start_link(options) do
    :one_for_one = Keyword.fetch!(options, :strategy)
    DynamicSupervisor.start_link(strategy: :one_for_one, name: options[:name])
  end

  def start_child(supervisor, child), do: DynamicSupervisor.start_child(supervisor, child)
  def which_children(supervisor), do: DynamicSupervisor.which_children(supervisor)

  def terminate_child(supervisor, pid) when is_pid(pid),
    do: DynamicSupervisor.terminate_child(supervisor, pid)
end

defmodule Horde.UniformQuorumDistribution do
  def choose_node(_child_spec, members), do: {:ok, hd(members)}
  def has_quorum?(_members), do: true
end

defmodule Cluster.Supervisor do
  def child_spec([topologies]), do: child_spec([topologies, []])

  def child_spec([topologies, options]) do
    %{
      id: __MODULE__,
      type: :supervisor,
      start: {__MODULE__, :start_link, [[topologies, options]]}
    }
  end

  def start_link([_topologies, options]),
    do: Supervisor.start_link([], [strategy: :one_for_one] ++ options)
end

/** The cluster with libcluster. */
import type { Names } from './names';

/** The child that starts libcluster. */
export function clusterSupervisor({ module }: Names): string {
  return `defmodule ${module}.Cluster do
  @moduledoc """
  Connects the nodes with libcluster, as \`config :libcluster\` says.

  Make it the first child of the application, so that what depends on other nodes finds them:

      children = [
        ${module}.Cluster,
        ...
      ]
  """

  @doc "A child specification: libcluster takes the topologies in a list, with its own options after them."
  def child_spec(_options) do
    topologies = Application.get_env(:libcluster, :topologies, [])
    Supervisor.child_spec({Cluster.Supervisor, [topologies, [name: __MODULE__]]}, id: __MODULE__)
  end
end
`;
}

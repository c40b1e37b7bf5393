/** Which Elixir files of a project tell about its cluster: the others need not be parsed to know what the project is. */

/** Words of which one stands in every file that says something about processes, their names, their supervision or other nodes. */
const words =
  /\b(?:Supervisor|DynamicSupervisor|Application|GenServer|GenStage|Agent|Registry|Task|child_spec|start_link|start_child|behaviour|defmacro|Node|node|nodes|rpc|erpc|global|pg|net_kernel|mnesia|ets|topologies|libcluster|Cluster|Horde|Swarm|syn|ra|partisan|Partisan|PubSub|Presence|Tracker|Quantum|Oban)\b/;

/** Whether the text of an Elixir file may say something about the cluster. */
export function tellsOfCluster(text: string): boolean {
  return words.test(text);
}

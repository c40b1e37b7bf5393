/** Whether a project is clustered, as far as its files tell, and what would tell. */
import type { Severity } from '../rule';
import type { ProjectFacts } from './project';

/** `signs`: its nodes talk to each other. `package`: others run it, perhaps in clusters. `none`: nothing tells of a second node. */
export type Evidence = 'signs' | 'package' | 'none';

export function evidenceOf(project: Pick<ProjectFacts, 'signs' | 'package'>): Evidence {
  if (project.signs.length > 0) return 'signs';
  return project.package ? 'package' : 'none';
}

/** What counts as a sign of a cluster, as entries of a list. */
export const signsThatCount: readonly string[] = [
  'a dependency that is there to talk to other nodes and is not only for development and tests: libcluster, dns_cluster, horde, ra, delta_crdt, …',
  'a call that only makes sense with other nodes, outside of tests and scripts: `Node.connect/1`, `Node.ping/1`, `:net_kernel.monitor_nodes/2`, `:global.trans/2`, `:rpc`, `:erpc`, …',
  '`-name` in `vm.args`, or `RELEASE_DISTRIBUTION=name` in `env.sh`, an image or a manifest',
];

/** What a finding says of itself where there is no sign of a cluster; `severity` is the one that it has with one. */
export function withoutCluster(severity: Severity): string {
  const kind = severity === 'error' ? 'an error' : `a ${severity}`;
  return `No sign of a cluster here: with one, such as libcluster, \`Node.connect/1\` or \`-name\`, this is ${kind}.`;
}

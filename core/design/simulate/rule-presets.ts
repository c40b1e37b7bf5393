/** Which scenario shows what a rule warns of: by the rule's id, the id of a preset. Rules without one have nothing that a partition would show. */

const presets: Readonly<Record<string, string>> = {
  'clock-wall-conflict-winner': 'wall-clock-timestamps',
  'clock-wall-lease': 'lease-by-wall-clock',
  'crdt-lww-not-last-writer': 'later-write-loses',
  'crdt-one-way-neighbours': 'one-way-neighbours',
  'crdt-read-modify-write': 'get-and-put-counter',
  'election-by-node-order': 'leader-by-visibility',
  'election-without-quorum': 'leader-by-visibility',
  'global-default-resolver-kills': 'global-default-resolver',
  'horde-name-conflict-swallowed': 'horde-conflict-swallowed',
  'horde-quorum-not-enforced': 'horde-quorum-does-not-stop',
  'horde-quorum-with-auto-members': 'horde-quorum-of-visible-members',
  'mnesia-no-partition-strategy': 'mnesia-without-majority',
  'quorum-even-or-two-node': 'even-split',
  'quorum-from-visible-nodes': 'quorum-of-visible-nodes',
  'quorum-half-is-not-majority': 'half-is-a-quorum',
  'ra-stale-read': 'raft-local-reads',
  'ra-timeout-as-failure': 'isolated-leader',
  'swarm-static-quorum-misconfigured': 'half-is-a-quorum',
};

/** The ids of the rules that have a scenario. */
export const simulatedRules: readonly string[] = Object.keys(presets);

/** The id of the preset for a rule; undefined where there is none. */
export function presetOf(rule: string): string | undefined {
  return Object.hasOwn(presets, rule) ? presets[rule] : undefined;
}

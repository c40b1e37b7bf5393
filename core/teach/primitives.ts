/**
 * What becomes of the primitives of distributed Elixir in a partition, as data. What an option of the design is made of is told in the option's
 * words; the rest stands here. Facts hold for OTP 25 to 28 and the versions that the options name.
 */
import { nodeDownSeconds } from '../design/failureModes';
import type { OptionId } from '../design/option';
import { optionOf } from '../design/options';

/** What happens while the network is split, and what once it is whole again: a line each, Markdown. */
export interface Partition {
  readonly split: string;
  readonly heal: string;
}

export interface Primitive {
  /** `Module.function`, of any arity. */
  readonly functions: readonly string[];
  readonly partition: Partition;
  /** Rules that look for its mistakes, the closest first. */
  readonly rules: readonly string[];
  /** Where it is documented, for one that no rule is about. */
  readonly reference?: string;
}

/** What an option does in a partition. */
export function partitionOf(id: OptionId): Partition {
  const { majority, minority, heal } = optionOf(id).partition;
  return { split: majority === minority ? majority : `On the majority’s side: ${majority} On the other: ${minority}`, heal };
}

/** The same, told differently while the split lasts. */
function partitionWith(id: OptionId, split: string): Partition {
  return { split, heal: optionOf(id).partition.heal };
}

function functionsOf(module: string, names: string): readonly string[] {
  return names.split(' ').map((name) => `${module}.${name}`);
}

const down = `${nodeDownSeconds.from} to ${nodeDownSeconds.to} s`;
const unknownOutcome = 'Nothing is repeated, and the caller cannot know whether the other node did it: repeat only what may be done twice.';
const sent: Partition = {
  split: `What is sent to the other side is lost without a word, unless the link is back before the node counts as down (${down}).`,
  heal: 'Nothing is sent again. Ask for an answer where the other side must know.',
};

/** Names of `:global`: what happens while the network is split. */
export const globalName: Primitive = {
  functions: functionsOf(':global', 'register_name re_register_name unregister_name whereis_name send'),
  partition: partitionOf('global'),
  rules: ['global-default-resolver-kills', 'global-singleton-no-takeover'],
};

/** What `:global` does with two processes of one name when the sides meet, by resolver. */
export const globalResolvers: Readonly<Record<string, string>> = {
  random_exit_name: optionOf('global').partition.heal,
  random_notify_name:
    'Both copies meet: one keeps the name, the other gets the message `{:global_name_conflict, name}` and runs on until it stops itself.',
  notify_all_name: 'Both copies meet: the name is free again, and both get the message `{:global_name_conflict, name, other}`.',
};

export const hordeRegistry: Primitive = {
  functions: functionsOf('Horde.Registry', 'register unregister lookup whereis_name send select'),
  partition: partitionWith('horde-uniform', 'Each side registers and finds names by itself: one name may have a process on both.'),
  rules: ['horde-name-conflict-swallowed', 'registry-check-then-act'],
};

export const hordeUniform: Primitive = {
  functions: functionsOf('Horde.DynamicSupervisor', 'start_child terminate_child which_children count_children'),
  partition: partitionOf('horde-uniform'),
  rules: ['horde-name-conflict-swallowed', 'horde-members-missing'],
};

export const hordeQuorum: Primitive = {
  functions: hordeUniform.functions,
  partition: partitionOf('horde-quorum'),
  rules: ['horde-quorum-not-enforced', 'horde-quorum-with-auto-members'],
};

export const synName: Primitive = {
  functions: functionsOf(':syn', 'register unregister lookup whereis_name'),
  partition: partitionOf('syn'),
  rules: ['syn-wall-clock-conflict'],
};

export const swarmName: Primitive = {
  functions: functionsOf('Swarm', 'register_name unregister_name whereis_name whereis_or_register_name send').flatMap((name) => [
    name,
    name.replace('Swarm', ':swarm'),
  ]),
  partition: partitionOf('swarm'),
  rules: ['swarm-static-quorum-misconfigured'],
};

export const pubsub: Primitive = {
  functions: functionsOf(
    'Phoenix.PubSub',
    'broadcast broadcast! broadcast_from broadcast_from! direct_broadcast direct_broadcast! subscribe',
  ),
  partition: partitionOf('phoenix-pubsub'),
  rules: ['pubsub-broadcast-as-guarantee', 'pubsub-pool-size-varies'],
};

export const tracker: Primitive = {
  functions: [
    ...functionsOf('Phoenix.Tracker', 'track untrack update list get_by_key'),
    ...functionsOf('Phoenix.Presence', 'list track untrack update get_by_key'),
  ],
  partition: partitionOf('phoenix-tracker'),
  rules: ['tracker-diff-cluster-broadcast', 'pubsub-pool-size-varies'],
};

export const deltaCrdt: Primitive = {
  functions: functionsOf('DeltaCrdt', 'start_link put get take to_map merge drop delete mutate mutate_async read'),
  partition: partitionOf('delta-crdt'),
  rules: ['crdt-lww-not-last-writer', 'crdt-read-modify-write'],
};

export const highlander: Primitive = {
  functions: ['Highlander.start_link'],
  partition: partitionOf('highlander'),
  rules: ['global-singleton-no-takeover'],
};

const mnesiaFunctions: readonly string[] = functionsOf(
  ':mnesia',
  'create_table add_table_copy transaction sync_transaction activity write delete delete_object read wread index_read match_object select',
);

/** Mnesia's tables, where a majority is asked for and where it is not. */
export const mnesiaMajority: Primitive = {
  functions: mnesiaFunctions,
  partition: partitionOf('mnesia-majority'),
  rules: ['mnesia-no-partition-strategy'],
};

export const mnesiaPlain: Primitive = {
  functions: mnesiaFunctions,
  partition: partitionOf('mnesia'),
  rules: ['mnesia-no-partition-strategy'],
};

/** A call to a process of another node that waits for its answer. */
export const remoteCall: Primitive = {
  functions: ['GenServer.call', 'GenServer.stop', ':gen_server.call', ':gen_statem.call'],
  partition: {
    split: `The caller waits for its timeout, 5 s unless another is given, or until the node counts as down (${down}); then it exits.`,
    heal: unknownOutcome,
  },
  rules: ['remote-call-exit-unhandled', 'rpc-infinite-timeout'],
};

/** A message to a process of another node. */
export const remoteSend: Primitive = {
  functions: [
    'GenServer.cast',
    ':gen_server.cast',
    ':gen_statem.cast',
    'Kernel.send',
    ':erlang.send',
    'Process.send',
    'Process.send_after',
  ],
  partition: sent,
  rules: [],
  reference: 'https://www.erlang.org/doc/system/distributed.html',
};

/** What is told by the function that is called alone. */
export const primitives: readonly Primitive[] = [
  globalName,
  hordeRegistry,
  hordeUniform,
  synName,
  swarmName,
  pubsub,
  tracker,
  deltaCrdt,
  mnesiaPlain,
  {
    functions: functionsOf(':global', 'trans set_lock'),
    partition: {
      split: 'Each side asks only the nodes that it sees: both sides get the same lock at once.',
      heal: 'Nothing is resolved: what both did under the lock is done. Fence what the lock protects.',
    },
    rules: ['global-lock-as-cluster-mutex', 'global-lock-shared-requester'],
  },
  {
    functions: ['DeltaCrdt.set_neighbours'],
    partition: partitionOf('delta-crdt'),
    rules: ['crdt-one-way-neighbours', 'crdt-neighbours-overwrite'],
  },
  {
    functions: functionsOf(
      ':mnesia',
      'dirty_write dirty_read dirty_delete dirty_delete_object dirty_update_counter dirty_index_read dirty_match_object dirty_select async_dirty sync_dirty',
    ),
    partition: partitionWith(
      'mnesia',
      'Both sides read and write their own copies, also of tables with `majority: true`: dirty operations ask nobody.',
    ),
    rules: ['mnesia-no-partition-strategy', 'mnesia-dirty-read-modify-write'],
  },
  {
    functions: functionsOf(':ra', 'process_command pipeline_command transfer_leadership trigger_election restart_server start_server'),
    partition: partitionOf('ra'),
    rules: ['ra-timeout-as-failure', 'ra-stale-read'],
  },
  {
    functions: functionsOf(':ra', 'consistent_query consistent_aux'),
    partition: partitionWith(
      'ra',
      'On the majority’s side: Answers with the newest state, a round trip to a majority later. On the other: Ends in `{:timeout, server_id}`.',
    ),
    rules: ['ra-stale-read', 'ra-result-shape'],
  },
  {
    functions: [':ra.leader_query'],
    partition: partitionWith(
      'ra',
      'A leader on the smaller side that does not know of its loss yet answers from a state that is overtaken.',
    ),
    rules: ['ra-stale-read', 'ra-result-shape'],
  },
  {
    functions: [':ra.local_query', ':ra_leaderboard.lookup_leader', ':ra_leaderboard.lookup_members'],
    partition: partitionWith(
      'ra',
      'Answers on both sides from what this node has; on the smaller side that grows older until the sides meet.',
    ),
    rules: ['ra-stale-read'],
  },
  {
    functions: functionsOf(':ra', 'add_member remove_member leave_and_terminate leave_and_delete_server delete_cluster'),
    partition: partitionWith(
      'ra',
      'A change of the members is a command: the majority’s side commits it; on the other it ends in `{:timeout, server_id}` and may still happen.',
    ),
    rules: ['ra-timeout-as-failure', 'quorum-even-or-two-node'],
  },
  {
    functions: functionsOf(':ra', 'start_cluster start_or_restart_cluster'),
    partition: {
      split: 'Forms the cluster only where a majority of the named members can be reached, else answers `{:error, :cluster_not_formed}`.',
      heal: 'Members that could not be started, third in `{:ok, started, not_started}`, have to be started by somebody.',
    },
    rules: ['ra-start-cluster-signature', 'ra-config-durability'],
  },
  {
    functions: functionsOf(':khepri', 'put create update delete transaction get exists count get_many compare_and_swap'),
    partition: partitionOf('khepri'),
    rules: ['ra-timeout-as-failure', 'ra-stale-read'],
  },
  {
    functions: functionsOf(':pg', 'join leave get_members which_groups monitor monitor_scope'),
    partition: {
      split: `Each side has its own members in the group; those of the other are gone once their node counts as down (${down}).`,
      heal: 'The nodes tell each other their members again; until then two nodes may see different ones.',
    },
    rules: ['pg-misuse'],
  },
  {
    functions: functionsOf(':syn', 'join leave members publish'),
    partition: {
      split: `Each side has its own members in the group; those of the other are gone once their node counts as down (${down}).`,
      heal: 'The nodes tell each other their members again; what was published meanwhile is lost for the other side.',
    },
    rules: [],
    reference: 'https://hexdocs.pm/syn',
  },
  {
    functions: functionsOf(':rpc', 'call block_call pinfo'),
    partition: {
      split: `A node that is cut off does not refuse: the call waits for its timeout, without one until the node counts as down (${down}), then answers \`{:badrpc, reason}\`.`,
      heal: unknownOutcome,
    },
    rules: ['rpc-infinite-timeout', 'rpc-badrpc-unhandled'],
  },
  {
    functions: functionsOf(':erpc', 'call receive_response wait_response'),
    partition: {
      split: `A node that is cut off does not refuse: the call waits for its timeout, without one until the node counts as down (${down}), then raises \`{:erpc, :timeout}\` or \`{:erpc, :noconnection}\`.`,
      heal: unknownOutcome,
    },
    rules: ['rpc-infinite-timeout', 'erpc-retry-not-idempotent'],
  },
  {
    functions: [':rpc.multicall', 'GenServer.multi_call', ':gen_server.multi_call'],
    partition: {
      split: `The answers of the other side are missing: its nodes are in the second element, after the timeout, without one once they count as down (${down}).`,
      heal: unknownOutcome,
    },
    rules: ['multicall-failures-ignored', 'rpc-infinite-timeout'],
  },
  {
    functions: [':erpc.multicall'],
    partition: {
      split: `Each node of the other side is an \`{:error, {:erpc, reason}}\` in the list, after the timeout, without one once it counts as down (${down}).`,
      heal: unknownOutcome,
    },
    rules: ['multicall-failures-ignored', 'rpc-infinite-timeout'],
  },
  {
    functions: [
      ':rpc.cast',
      ':rpc.abcast',
      ':rpc.eval_everywhere',
      ':erpc.cast',
      ':erpc.multicast',
      'GenServer.abcast',
      ':gen_server.abcast',
    ],
    partition: sent,
    rules: ['node-spawn-unmonitored'],
  },
  {
    functions: functionsOf('Node', 'spawn spawn_link'),
    partition: {
      split: 'Answers with a pid in any case; on a node that cannot be reached nothing is started.',
      heal: 'Nothing is started later. `Node.spawn_monitor` tells of it: `{:DOWN, ref, :process, pid, :noconnection}`.',
    },
    rules: ['node-spawn-unmonitored'],
  },
  {
    functions: ['Node.spawn_monitor'],
    partition: {
      split: `Answers with a pid in any case; \`{:DOWN, ref, :process, pid, :noconnection}\` follows, at once or when the node counts as down (${down}).`,
      heal: 'Nothing is started again. A process that was running may have gone on alone on the other side.',
    },
    rules: ['node-spawn-unmonitored'],
  },
  {
    functions: ['Node.monitor', ':erlang.monitor_node'],
    partition: {
      split: `\`{:nodedown, node}\` comes at once when the connection closes, after ${down} when packets just stop. The node may well run on, on its own side.`,
      heal: 'A monitor speaks once, and not of the return: ask for another one, or use `:net_kernel.monitor_nodes/1`.',
    },
    rules: ['nodedown-not-handled'],
  },
  {
    functions: [':net_kernel.monitor_nodes'],
    partition: {
      split: `\`:nodedown\` comes at once when the connection closes, after ${down} when packets just stop. The node may well run on, on its own side.`,
      heal: '`:nodeup` comes once discovery, a call or a message connects the nodes; nothing else does.',
    },
    rules: ['monitor-nodes-message-shape', 'node-event-unhandled', 'nodedown-handled-as-nodeup', 'nodedown-not-handled'],
  },
  {
    functions: ['Node.list', ':erlang.nodes'],
    partition: {
      split: `Each side sees only itself. Nodes that went silent are still listed until they count as down (${down}).`,
      heal: 'Nodes are listed again once discovery, a call or a message connects them; nothing else does.',
    },
    rules: ['quorum-from-visible-nodes', 'node-list-random-empty'],
  },
  {
    functions: ['Node.connect', ':net_kernel.connect_node'],
    partition: {
      split: 'Waits for a node that does not answer, 7 s unless `net_setuptime` says otherwise, then answers `false`.',
      heal: 'The connection that succeeds brings the two sides together: every node connects to those of the other side.',
    },
    rules: ['node-connect-result'],
  },
  {
    functions: ['Node.ping', ':net_adm.ping'],
    partition: {
      split:
        'Answers `:pang`, whether the node is down or only cut off, and waits for it first, 7 s unless `net_setuptime` says otherwise.',
      heal: '`:pong`, and the nodes are connected again.',
    },
    rules: [],
    reference: 'https://hexdocs.pm/elixir/Node.html#ping/1',
  },
  {
    functions: ['Node.disconnect', ':erlang.disconnect_node'],
    partition: {
      split: 'Makes one: `:global` cuts further connections until no node sees both sides, since OTP 25 by default.',
      heal: 'Discovery connects the nodes again, or the next call or message does.',
    },
    rules: ['node-disconnect-overlap'],
  },
];

/** Modules whose children `{Module, options}` are told about. */
export const children: Readonly<Record<string, Primitive>> = {
  'Horde.Registry': hordeRegistry,
  'Horde.DynamicSupervisor': hordeUniform,
  'Phoenix.PubSub': pubsub,
  DeltaCrdt: deltaCrdt,
  Highlander: highlander,
};

/** Registries of names in the whole cluster. */
export const registries: Readonly<Record<string, Primitive>> = {
  ':global': globalName,
  'Horde.Registry': hordeRegistry,
  ':syn': synName,
  Swarm: swarmName,
  ':swarm': swarmName,
};

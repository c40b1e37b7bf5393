/** One process under `Horde.DynamicSupervisor`, found through `Horde.Registry`; as Horde 0.8.4 to 0.10.0 behave. */
import { hasQuorum } from '../../quorum';
import type { Protocol, ProtocolOption, ReplicaView } from '../protocol';
import { optionValue } from '../protocol';
import { keepSyncing, others } from './anti-entropy';
import { type AwLwwMap, emptyMap, join, put, remove, winner } from './aw-lww-map';
import { type Cell, type Cells, serve, toRecord, writesIn } from './cells';

const distributionOption: ProtocolOption = {
  name: 'distribution',
  help: 'The distribution strategy.',
  choices: [
    { value: 'uniform', help: 'UniformDistribution, the default: every side of a partition starts what it does not see.' },
    { value: 'quorum', help: 'UniformQuorumDistribution: a side without a quorum starts nothing, but what runs there runs on.' },
  ],
};

const membersOption: ProtocolOption = {
  name: 'members',
  help: 'What the quorum is counted from.',
  choices: [
    { value: 'static', help: 'The configured list of members.' },
    { value: 'auto', help: 'The nodes that are visible now: each side of a partition has a majority of itself.' },
  ],
};

const conflictOption: ProtocolOption = {
  name: 'conflict',
  help: 'What the loser of a name conflict does with its exit signal.',
  choices: [
    { value: 'exits', help: 'It exits, as a process does that does not trap exits.' },
    { value: 'swallowed', help: 'It traps exits and has no clause for {:name_conflict, …}: it runs on, unregistered.' },
  ],
};

/** The default `sync_interval` of Horde, in milliseconds. */
const hordeInterval = 300;

const claim = 'the one process';

const registryKey = 'the process';

/** A process that Horde starts, finds and, after a conflict, stops. */
export const horde: Protocol<AwLwwMap, undefined> = {
  name: 'horde',
  title: 'A singleton in Horde',
  summary:
    'One supervised process for the whole cluster; who runs it is known from a replicated map. A partition hides it from the other side, which starts ' +
    'a second one, and no strategy stops a process whose side has lost its quorum. After the heal one of the two exits, with all that it has.',
  requests: ['write', 'add', 'read'],
  options: [distributionOption, membersOption, conflictOption],
  transport: 'distribution',
  keeping: () => 'all',
  start(host, options) {
    const { self } = host;
    const guarded = optionValue(options, distributionOption) === 'quorum';
    const visibleOnly = optionValue(options, membersOption) === 'auto';
    const swallows = optionValue(options, conflictOption) === 'swallowed';
    const replica = `${host.name(self)}#${host.random(1, 1_000_000_000)}`;
    let registry = emptyMap;
    let state: Map<string, Cell> | undefined;
    let pid = '';
    let starts = 0;
    let unregistered = false;

    keepSyncing(host, others(host), hordeInterval, () => registry);
    if (host.first) startIfChosen();
    else host.after(2 * hordeInterval, startIfMissing);

    function alive(): readonly number[] {
      return [...host.connected(), self].sort((a, b) => a - b);
    }

    function mayStart(): boolean {
      return !guarded || hordeHasQuorum(alive(), visibleOnly ? alive() : [...others(host), self]);
    }

    /** The strategies hash over the living members; here the hash always picks the first. */
    function startIfChosen(): void {
      if (state !== undefined || alive()[0] !== self) return;
      if (!mayStart()) {
        host.note('does not start the process: quorum_not_met');
        return;
      }
      state = new Map();
      pid = `${self}.${++starts}`;
      host.claim(claim, true);
      host.note('starts the process');
      register();
    }

    function register(): void {
      registry = put(registry, replica, registryKey, pid, host.monotonic(), 0);
    }

    function registered(): string | undefined {
      return winner(registry, registryKey)?.value;
    }

    function startIfMissing(): void {
      const owner = ownerOf(registered());
      if (owner === undefined || !alive().includes(owner)) startIfChosen();
    }

    function yieldToWinner(): void {
      const name = registered();
      if (state === undefined || name === undefined || name === pid || unregistered) return;
      if (swallows) {
        unregistered = true;
        host.note('loses the name and runs on: it traps exits and swallows the name conflict');
        return;
      }
      state = undefined;
      host.claim(claim, false);
      host.note('loses the name to a process of a longer-running VM and exits');
    }

    return {
      receive(_from, theirs) {
        registry = join(registry, theirs);
        yieldToWinner();
      },
      request(request) {
        const owner = ownerOf(registered());
        if (owner === undefined) return host.refuse(request, 'no process is registered');
        if (owner !== self) return host.forward(request, owner);
        if (state === undefined) return host.refuse(request, 'the registered process is gone');
        serve(host, state, request);
      },
      nodeDown(peer) {
        // The registry forgets the processes of a lost node and enters its own again, so that they outlive the other side's forgetting.
        if (ownerOf(registered()) === peer) registry = remove(registry, registryKey);
        if (state !== undefined && !unregistered) register();
        startIfMissing();
      },
      crash: () => undefined,
      view: () => viewOf(state, ownerOf(registered())),
      holds: () => state && writesIn(state),
    };
  },
};

function viewOf(state: Cells | undefined, owner: number | undefined): ReplicaView {
  return {
    role: state === undefined ? 'idle' : 'holder',
    ...(owner === undefined ? {} : { leader: owner }),
    ...(state === undefined ? {} : { data: toRecord(state) }),
  };
}

/** With an even number of members Horde leaves the first one out of the count, so that one half of an even split has a quorum. */
function hordeHasQuorum(alive: readonly number[], members: readonly number[]): boolean {
  const sorted = [...members].sort((a, b) => a - b);
  const counted = sorted.length % 2 === 0 ? sorted.slice(1) : sorted;
  return hasQuorum(alive.filter((node) => counted.includes(node)).length, counted.length);
}

/** The node in a pid that `startIfChosen` made. */
function ownerOf(pid: string | undefined): number | undefined {
  return pid === undefined ? undefined : Number(pid.split('.')[0]);
}

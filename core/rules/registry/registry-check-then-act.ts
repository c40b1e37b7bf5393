import type { Call, Expr } from '../../elixir/ir';
import { absentBranches, startsIn } from '../../facts/absent-branch';
import { type Lookup, lookupOf, lookups } from '../../facts/cluster-names';
import { callsTo, type FileFacts, parentOf } from '../../facts/facts';
import { protectionOf } from '../../facts/protection';
import { isTestPath } from '../../project/environment';
import type { Rule } from '../../rule';

export default {
  id: 'registry-check-then-act',
  summary: 'A process is started because a look-up found none, and another node may do the same at that moment.',
  category: 'consistency',
  severity: 'warning',
  rationale: `
    Between the look-up and the start, another node (or another process of this one) looks the same name up and finds nothing either. With
    \`:global\` the second start answers \`{:error, {:already_started, pid}}\`, or \`:no\` for the registration; \`Horde\`, \`:syn\` and \`Swarm\` only learn
    of names on other nodes after a while, so that the window is not microseconds but a synchronisation interval. Code that asserts \`{:ok, pid}\`
    crashes then, and code that does not look has started a second process.

    Reported where the branch for "not found" starts or registers a process and asserts that it worked, and for the registries that lag also where
    nobody looks at the answer. Silent where \`:already_started\` has a clause, where the answer goes to the caller, and inside
    \`:global.trans\` with a real requester or another lock.

    Start first and treat \`{:error, {:already_started, pid}}\` as found. There is no fix, because the branches have to change places.`,
  references: ['https://github.com/elixir-horde/horde/issues/259', 'https://hexdocs.pm/horde/eventual_consistency.html'],
  examples: [
    {
      title: 'Started where none was found',
      bad: `
        def room(id) do
          case Horde.Registry.lookup(MyApp.Registry, id) do
            #  ^^^^^^^^^^^^^^^^^^^^^
            [] ->
              {:ok, pid} = Horde.DynamicSupervisor.start_child(MyApp.Sup, {Room, id})
              pid

            [{pid, _value}] ->
              pid
          end
        end`,
    },
    {
      title: 'Started and then registered',
      bad: `
        def start(id) do
          if :global.whereis_name({:room, id}) == :undefined do
          #  ^^^^^^^^^^^^^^^^^^^^
            {:ok, pid} = DynamicSupervisor.start_child(MyApp.Sup, {Room, id})
            :yes = :global.register_name({:room, id}, pid)
          end
        end`,
    },
    {
      title: 'Nobody looks at the answer',
      bad: `
        def ensure_server(supervisor) do
          with [] <- Horde.Registry.lookup(MyApp.Registry, :server) do
            #        ^^^^^^^^^^^^^^^^^^^^^
            _ = Horde.DynamicSupervisor.start_child(supervisor, Server)
          end

          :ok
        end`,
    },
    {
      title: 'By a name of the whole cluster',
      bad: `
        def leader do
          pid = GenServer.whereis({:global, Leader})
          #     ^^^^^^^^^^^^^^^^^

          if is_nil(pid) do
            {:ok, pid} = GenServer.start(Leader, [], name: {:global, Leader})
            pid
          else
            pid
          end
        end`,
    },
    {
      title: 'Started first',
      good: `
        def room(id) do
          case Horde.DynamicSupervisor.start_child(MyApp.Sup, {Room, id}) do
            {:ok, pid} -> pid
            {:error, {:already_started, pid}} -> pid
            :ignore -> lookup!(id)
          end
        end`,
    },
    {
      title: 'The other answer is handled',
      good: `
        def room(id) do
          case :global.whereis_name({:room, id}) do
            :undefined ->
              case DynamicSupervisor.start_child(MyApp.Sup, {Room, id}) do
                {:ok, pid} -> pid
                {:error, {:already_started, pid}} -> pid
              end

            pid ->
              pid
          end
        end`,
    },
    {
      title: 'Under a lock of the whole cluster',
      good: `
        def start(id) do
          :global.trans({{:room, id}, self()}, fn ->
            if :global.whereis_name({:room, id}) == :undefined do
              {:ok, pid} = DynamicSupervisor.start_child(MyApp.Sup, {Room, id})
              :yes = :global.register_name({:room, id}, pid)
            end
          end)
        end`,
    },
    {
      title: 'The caller gets the answer',
      good: `
        def start(id) do
          case :global.whereis_name({:room, id}) do
            :undefined -> DynamicSupervisor.start_child(MyApp.Sup, {Room, id})
            pid -> {:error, {:already_started, pid}}
          end
        end`,
    },
    {
      title: 'Only a search',
      good: `
        def publish(message) do
          case Horde.Registry.lookup(MyApp.Registry, :server) do
            [] -> {:error, :no_server}
            [{pid, _value}] -> GenServer.call(pid, {:publish, message})
          end
        end`,
    },
  ],
  triggers: { calls: lookups },

  *check(file) {
    if (isTestPath(file.path)) return;
    for (const call of callsTo(file, lookups)) {
      const lookup = lookupOf(file, call);
      const start = lookup && !isLocked(file, call) ? blindStart(file, lookup) : undefined;
      if (!lookup || !start) continue;
      const lags = lookup.registry === ':global' ? '' : `, and \`${lookup.registry}\` learns of it late`;
      yield {
        range: call.callee,
        message: `Another node can start the process between this look-up and the start${lags}. Start first, and take \`:already_started\` for found.`,
        related: [{ message: 'Started here, as if nobody else could have been faster.', range: start.callee }],
      };
    }
  },
} satisfies Rule;

function isLocked(file: FileFacts, call: Call): boolean {
  const protection = protectionOf(file, call);
  return protection !== undefined && protection.kind !== 'process';
}

/** A start in the branch for "not found" that cannot be answered with "someone else has it". */
function blindStart(file: FileFacts, lookup: Lookup): Call | undefined {
  const starts = absentBranches(file, lookup).flatMap((branch) => startsIn(file, branch));
  return starts.find((start) => isAsserted(file, start) || (lookup.registry !== ':global' && isDropped(file, start)));
}

/** `{:ok, pid} = …`, or a `case` without a clause for anything else. */
function isAsserted(file: FileFacts, start: Call): boolean {
  const parent = parentOf(file, start);
  if (parent?.kind === 'match') return parent.value === start && isSuccess(parent.pattern);
  return parent?.kind === 'case' && parent.subject === start && parent.clauses.every((c) => c.patterns.every(isSuccess));
}

function isSuccess(pattern: Expr): boolean {
  const tag = pattern.kind === 'tuple' ? pattern.items[0] : pattern;
  return tag?.kind === 'atom' && /^(?:ok|yes)$/.test(tag.value);
}

function isDropped(file: FileFacts, start: Call): boolean {
  const parent = parentOf(file, start);
  if (parent?.kind === 'block') return parent.body.at(-1) !== start;
  return parent?.kind === 'match' && parent.pattern.kind === 'variable' && parent.pattern.name.startsWith('_');
}

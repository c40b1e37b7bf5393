import type { Call, Expr } from '../../elixir/ir';
import { bindingAt, usesOf } from '../../facts/bindings';
import { type FileFacts, type FunctionClause, functionClauseOf, type ModuleDef, parentOf } from '../../facts/facts';
import { clockOf } from '../../facts/origins';
import { appliedCalls, machinesIn } from '../../facts/ra';
import { callersOf, resultsOf } from '../../facts/values';
import { makesLineTooLong, replace } from '../../fix';
import type { Fix, Rule } from '../../rule';

/** Calls whose result differs from node to node, or from one replay to the next; and what to say of them. */
const differing: readonly { readonly call: RegExp; readonly why: string }[] = [
  { call: /^:rand\.|^Enum\.(?:random|shuffle|take_random)$|^:crypto\.strong_rand_bytes$|^:random\./, why: 'is random' },
  {
    call: /^Kernel\.make_ref$|^:erlang\.(?:make_ref|unique_integer)$|^System\.unique_integer$|^(?:Ecto\.)?UUID\.\w+$|^Uniq\.|^:uuid\./,
    why: 'is different on every node',
  },
  { call: /^Kernel\.self$|^:erlang\.self$/, why: 'is a different process on every node' },
  { call: /^Kernel\.node$|^Node\.\w+$|^:erlang\.nodes?$|^:net_kernel\./, why: 'is different on every node' },
  { call: /^Process\.get$|^:erlang\.get$/, why: 'is state of this process only' },
  {
    call: /^(?:Application\.(?:get_env|fetch_env!?)|System\.(?:get_env|fetch_env!?)|:application\.get_env|:os\.getenv)$/,
    why: 'can be set differently on every node',
  },
  {
    call: /^:persistent_term\.get$|^:ets\.(?:lookup\w*|member|match\w*|select\w*|foldl|tab2list|first|next)$/,
    why: 'is local to this node',
  },
  {
    call: /(?:^|\.)Repo\.(?:get|all|one|exists|aggregate)\w*[?!]?$|^(?:GenServer|:gen_server)\.call$|^Agent\.get$|^Cachex\.(?:get|fetch)!?$/,
    why: 'can answer differently on every node, and again on replay',
  },
  {
    call: /^File\.(?:read|stat|ls|exists\?)\w*!?$|^(?:HTTPoison|Req|Finch|Tesla|:httpc)\./,
    why: 'can answer differently on every node, and again on replay',
  },
];

export default {
  id: 'ra-machine-nondeterministic',
  summary: 'The `apply/3` of a `:ra` machine uses a value that differs between replicas.',
  category: 'consistency',
  severity: 'error',
  fixable: 'safe',
  rationale: `
    Raft makes all members apply the same commands in the same order; that they end in the same state is up to the machine. A clock, a
    random number, the node's name or an ETS lookup gives each member a state of its own, and another one when a restarted member replays
    its log. Nothing fails: the replicas silently disagree, and it shows when the leader changes.

    Use what the leader decided once for all: \`meta.system_time\` (milliseconds) and \`meta.index\`, or put the value into the command before
    sending it. Reported in the clauses of \`apply/3\` and in functions of the module that they call. \`init_aux\`, \`handle_aux\`, \`tick\`,
    \`state_enter\` and \`overview\` run on one node and may do what they like; so may a function inside an effect.

    The fix replaces a millisecond reading of the system time with \`meta.system_time\`.`,
  references: ['https://github.com/rabbitmq/ra/blob/main/docs/internals/INTERNALS.md', 'https://raft.github.io/raft.pdf'],
  examples: [
    {
      title: 'A clock in the machine',
      bad: `
        defmodule Locks do
          @behaviour :ra_machine

          def init(_config), do: %{}

          def apply(_meta, {:lock, key}, state) do
            {Map.put(state, key, System.system_time(:millisecond)), :ok}
            #                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          end

          def apply(_meta, _other, state), do: {state, {:error, :unknown_command}}
        end`,
      good: `
        defmodule Locks do
          @behaviour :ra_machine

          def init(_config), do: %{}

          def apply(meta, {:lock, key}, state) do
            {Map.put(state, key, meta.system_time), :ok}
          end

          def apply(_meta, _other, state), do: {state, {:error, :unknown_command}}
        end`,
    },
    {
      title: 'In a function that it calls',
      bad: `
        defmodule Ids do
          @behaviour :ra_machine

          def init(_config), do: []
          def apply(_meta, :next, ids), do: add(ids)
          def apply(_meta, _other, ids), do: {ids, {:error, :unknown_command}}

          defp add(ids) do
            id = :rand.uniform(1_000_000)
            #    ^^^^^^^^^^^^^^^^^^^^^^^^
            {[id | ids], id}
          end
        end`,
    },
    {
      title: 'Where only one node runs it',
      good: `
        defmodule Kv do
          @behaviour :ra_machine

          def init(_config), do: %{}
          def apply(_meta, {:put, key, value}, state), do: {Map.put(state, key, value), :ok}
          def apply(_meta, _other, state), do: {state, {:error, :unknown_command}}
          def tick(_time, _state), do: [{:mod_call, Metrics, :gauge, [System.system_time()]}]
        end`,
    },
    {
      title: 'The caller puts it into the command',
      good: `
        def reserve(server, sku) do
          :ra.process_command(server, {:reserve, make_ref(), sku, System.system_time()})
        end`,
    },
    {
      title: 'The configuration names the module',
      good: `
        defmodule Wrapper do
          @behaviour :ra_machine

          def init(_config), do: machine().init()
          def apply(meta, command, state), do: machine().apply(meta, command, state)

          defp machine, do: Application.get_env(:shop, :machine)
        end`,
    },
    {
      title: 'The same, through functions that call each other',
      good: `
        defmodule Wrapper do
          @behaviour :ra_machine

          def init(_config), do: machine(1).init()
          def apply(meta, command, state), do: machine(1).apply(meta, command, state)

          defp machine(0), do: other(1)
          defp machine(_version), do: Application.get_env(:shop, :machine)
          defp other(version), do: machine(version)
        end`,
    },
  ],
  triggers: { words: ['ra_machine', 'start_cluster', 'start_server', 'start_or_restart_cluster'], calls: [] },

  *check(file, context) {
    for (const machine of machinesIn(file, context)) {
      for (const call of appliedCalls(file, machine)) {
        const why = reason(call);
        if (why === undefined || choosesModule(file, call)) continue;
        const fix = useMeta(file, machine, call);
        yield {
          range: call.range,
          message: `The result of \`${call.local ? '' : `${call.module}.`}${call.name}\` ${why}, so replicas that apply this command end in different states. Take it from \`meta\`, or put it into the command.`,
          ...(fix && { fix }),
        };
      }
    }
  },
} satisfies Rule;

/** Whether all that is done with the value is to call it: a module from the configuration, as much a part of the release as the code is. */
function choosesModule(file: FileFacts, e: Expr, seen = new Set<number>()): boolean {
  if (seen.has(e.id)) return true;
  seen.add(e.id);
  const parent = parentOf(file, e);
  if (parent?.kind === 'call') return parent.receiver === e;
  if (parent?.kind === 'match' && parent.value === e && parent.pattern.kind === 'variable') {
    const binding = bindingAt(file, parent.pattern);
    return binding !== undefined && usesOf(file, binding).every((use) => choosesModule(file, use, seen));
  }
  const clause = functionClauseOf(file, e);
  if (!clause || !resultsOf(clause.clause.body).includes(e)) return false;
  const callers = callersOf(file, clause.def);
  return callers.length > 0 && callers.every((caller) => choosesModule(file, caller, seen));
}

function reason(call: Call): string | undefined {
  if (clockOf(call)) return 'is different on every node, and on every replay';
  const name = `${call.module}.${call.name}`;
  if (name === 'Kernel.node' && call.args.length > 0) return undefined;
  return differing.find((d) => d.call.test(name))?.why;
}

/** `System.system_time(:millisecond)` in a clause of `apply/3` itself becomes `meta.system_time`. */
function useMeta(file: FileFacts, machine: ModuleDef, call: Call): Fix | undefined {
  const clause = functionClauseOf(file, call);
  const [unit] = call.args;
  const millis =
    unit?.kind === 'atom' &&
    unit.value === 'millisecond' &&
    /^(?:System|:os|:erlang)\.(?:system_time|os_time)$/.test(`${call.module}.${call.name}`);
  if (!millis || call.piped || clause?.def.module !== machine || clause.def.name !== 'apply') return undefined;
  const meta = metaOf(clause);
  if (!meta) return undefined;
  const name = meta.name.replace(/^_+/, '') || 'meta';
  const edits = [replace(call.range, `${name}.system_time`), ...(name === meta.name ? [] : [replace(meta.range, name)])];
  return { title: `Use \`${name}.system_time\``, edits, safety: makesLineTooLong(file.text, edits) ? 'unsafe' : 'safe' };
}

function metaOf(clause: FunctionClause): Extract<Expr, { kind: 'variable' }> | undefined {
  const [first] = clause.clause.patterns;
  return first?.kind === 'variable' ? first : undefined;
}

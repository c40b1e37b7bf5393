import { type Call, descendants, type Expr } from '../../elixir/ir';
import { bindingOf } from '../../facts/bindings';
import { clusterNameOf, nameOfStart } from '../../facts/cluster-names';
import { callsTo, type FileFacts, type FunctionClause } from '../../facts/facts';
import { answersOf, callsReachedFrom, conditionsOf, conflictResolvers } from '../../facts/syn';
import { isTestPath } from '../../project/environment';
import { compareVersions, type ProjectFacts, versionOf } from '../../project/project';
import type { Finding, Rule } from '../../rule';

export default {
  id: 'syn-wall-clock-conflict',
  summary: '`:syn` keeps the process with the later wall-clock time, or a resolver of its own that does not settle the conflict.',
  category: 'partition-tolerance',
  severity: 'info',
  rationale: `
    After a partition \`:syn\` finds two processes with one name, keeps the one that was registered later by \`erlang:system_time/0\` of its own node,
    and sends \`exit(pid, {:syn_resolve_kill, name, meta})\` to the other. With clocks that differ the choice is arbitrary, and it is the younger
    process, the one with less state, that stays. Information, once for a project, where names are registered and no module defines
    \`resolve_registry_conflict/4\`.

    A resolver of your own has three duties, and missing one is a warning: it runs on both nodes and must choose alike there, so that the choice must
    not depend on \`node()\`, \`self()\`, chance or the order of the arguments; it must answer one of the two pids, otherwise the name is freed; and it
    must see to it that the other process ends, because \`:syn\` then kills nobody.`,
  references: ['https://hexdocs.pm/syn/syn_event_handler.html', 'https://hexdocs.pm/syn/syn.html'],
  examples: [
    {
      title: 'Left to the clocks',
      path: 'lib/my_app/room.ex',
      project: { 'mix.exs': 'defmodule MyApp.MixProject do\n  def project, do: [app: :my_app, deps: [{:syn, "~> 3.3"}]]\nend' },
      bad: `
        def init(id) do
          :ok = :syn.register(:rooms, id, self())
          #     ^^^^^^^^^^^^^
          {:ok, id}
        end`,
    },
    {
      title: 'Nobody stops the other one',
      bad: `
        defmodule MyApp.SynHandler do
          @behaviour :syn_event_handler

          def resolve_registry_conflict(_scope, _name, {pid1, _, time1}, {pid2, _, time2}) do
            # ^^^^^^^^^^^^^^^^^^^^^^^^^
            if {time1, node(pid1)} <= {time2, node(pid2)}, do: pid1, else: pid2
          end
        end`,
    },
    {
      title: 'Each node keeps its own',
      bad: `
        defmodule MyApp.SynHandler do
          @behaviour :syn_event_handler

          def resolve_registry_conflict(_scope, _name, {pid1, _, _}, {pid2, _, _}) do
            {keep, drop} = if node(pid1) == node(), do: {pid1, pid2}, else: {pid2, pid1}
            #                               ^^^^^^
            Process.exit(drop, :shutdown)
            keep
          end
        end`,
    },
    {
      title: 'By the order of the arguments',
      bad: `
        defmodule MyApp.SynHandler do
          @behaviour :syn_event_handler

          def resolve_registry_conflict(_scope, _name, {pid1, _, _}, {pid2, _, _}) do
            Process.exit(pid2, :shutdown)
            pid1
          # ^^^^
          end
        end`,
    },
    {
      title: 'The same choice on both nodes',
      good: `
        defmodule MyApp.SynHandler do
          @behaviour :syn_event_handler

          def resolve_registry_conflict(_scope, _name, {pid1, _, time1}, {pid2, _, time2}) do
            first? = {time1, node(pid1)} <= {time2, node(pid2)}
            {keep, drop} = if first?, do: {pid1, pid2}, else: {pid2, pid1}
            if node(drop) == node(), do: Process.exit(drop, :shutdown)
            keep
          end
        end`,
    },
    {
      title: 'A handler somewhere in the project',
      path: 'lib/my_app/room.ex',
      project: {
        'mix.exs': 'defmodule MyApp.MixProject do\n  def project, do: [app: :my_app, deps: [{:syn, "~> 3.3"}]]\nend',
        'lib/my_app/syn_handler.ex':
          'defmodule MyApp.SynHandler do\n  @behaviour :syn_event_handler\n\n  def resolve_registry_conflict(_scope, _name, first, second) do\n    MyApp.Choice.settle(first, second)\n  end\nend',
      },
      good: `
        def init(id) do
          :ok = :syn.register(:rooms, id, self())
          {:ok, id}
        end`,
    },
  ],
  triggers: { words: ['syn', 'resolve_registry_conflict'] },

  *check(file, context) {
    if (isTestPath(file.path)) return;
    for (const resolver of conflictResolvers(file)) for (const clause of resolver.clauses) yield* judged(file, clause);
    const { project } = context;
    const version = versionOf(project, 'syn');
    if (!project || (version !== undefined && compareVersions(version, '3') < 0) || hasResolver(file, project)) return;
    const place = registration(file);
    const isFirst = place && ![...project.files.values()].some((f) => f.path < file.path && !isTestPath(f.path) && registration(f));
    if (!place || !isFirst) return;
    yield {
      range: place.kind === 'call' ? place.callee : place.range,
      message:
        'Of two processes with one name `:syn` keeps the one whose node has the later clock. Define `resolve_registry_conflict/4` if the choice matters.',
    };
  },
} satisfies Rule;

function hasResolver(file: FileFacts, project: ProjectFacts): boolean {
  return [file, ...project.files.values()].some((f) => conflictResolvers(f).length > 0);
}

/** The first place of the file that registers a name with `:syn`. */
function registration(file: FileFacts): Expr | undefined {
  const [call] = callsTo(file, [':syn.register']);
  if (call || !file.text.includes(':syn')) return call;
  for (const calls of file.calls.values()) {
    for (const start of calls) {
      const name = nameOfStart(file, start);
      if (name?.registry === ':syn') return name.at;
    }
  }
  return file.exprs.find(
    (e) => e.kind === 'tuple' && e.items.length === 3 && clusterNameOf(file, e)?.registry === ':syn' && isNameOption(file, e),
  );
}

function isNameOption(file: FileFacts, e: Expr): boolean {
  const parent = file.exprs[file.parents[e.id] ?? -1];
  return parent?.kind === 'pair' && parent.key.kind === 'atom' && parent.key.value === 'name';
}

function* judged(file: FileFacts, clause: FunctionClause): Iterable<Finding> {
  const severity = 'warning' as const;
  const answers = answersOf(file, clause);
  const local = answers.flatMap((answer) => conditionsOf(file, answer)).flatMap((c) => [...descendants(c)].filter(isOfThisNode));
  const [own] = local;
  if (own)
    yield {
      range: own.range,
      severity,
      message: 'The two nodes answer differently here, and each keeps another process. Compare what both know.',
    };
  const [only] = answers;
  if (answers.length === 1 && only?.kind === 'variable' && bindingOf(file, only)?.source.from === 'parameter') {
    yield {
      range: only.range,
      severity,
      message: 'The arguments are the other way round on the other node, which keeps the other process. Compare what both know.',
    };
  }
  for (const answer of answers) {
    if (answer.kind !== 'atom') continue;
    yield {
      range: answer.range,
      severity,
      message: 'This is neither of the two processes: both go on, and the name is freed. Answer one of them.',
    };
  }
  if (!callsReachedFrom(file, clause).some(mayStop)) {
    yield {
      range: clause.nameRange,
      severity,
      message: 'Nothing ends the process that is not kept: with a resolver of your own, `:syn` does not. Stop it here.',
    };
  }
}

/** Something whose value differs between the nodes: `node()`, `self()`, chance. */
function isOfThisNode(e: Expr): boolean {
  if (e.kind !== 'call') return false;
  return (/^(?:node|self)$/.test(e.name) && e.args.length === 0) || e.module === ':rand' || e.name === 'random';
}

/** Whether the call may end a process: by its name, or because it is handed one and is not known. */
function mayStop(call: Call): boolean {
  if (/exit|stop|terminate|kill|shut_?down|send|cast|call|spawn|start_child|async/.test(call.name)) return true;
  const harmless = /^(?:Kernel|Logger|Map|Keyword|Enum|String|IO|Node|DateTime|System|:telemetry|:erlang|Process)$/;
  return call.module === undefined || !harmless.test(call.module);
}

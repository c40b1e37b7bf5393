import type { Call, Expr } from '../../elixir/ir';
import { callsTo, type FileFacts, textOf } from '../../facts/facts';
import { type Origin, originsOf } from '../../facts/origins';
import { replace } from '../../fix';
import type { ProjectFacts } from '../../project/project';
import type { Context, Finding, Fix, Rule } from '../../rule';

const pg2 = ['create', 'delete', 'join', 'leave', 'get_members', 'get_local_members', 'get_closest_pid', 'which_groups'].map(
  (name) => `:pg2.${name}`,
);
/** Functions of `:pg` without a scope: they use the default one. */
const unscoped = [
  ':pg.join/2',
  ':pg.leave/2',
  ':pg.get_members/1',
  ':pg.get_local_members/1',
  ':pg.which_groups/0',
  ':pg.monitor/1',
  ':pg.monitor_scope/0',
];

export default {
  id: 'pg-misuse',
  summary: 'A process group is used that does not exist any more, is not started, or takes local processes only.',
  category: 'correctness',
  severity: 'warning',
  fixable: 'unsafe',
  rationale: `
    \`:pg2\` was removed in OTP 24: every call raises \`UndefinedFunctionError\`. This is an error, and silent where the file falls back from one
    to the other or the project still runs on OTP 23.

    \`:pg\` has scopes, and a scope is a process that someone has to start. Without it \`join\` exits with \`:noproc\`, and \`get_members\` answers
    \`[]\`: no error, nobody there. The default scope starts with \`config :kernel, start_pg: true\` or \`:pg.start_link()\`. Reported when a Mix
    project does neither.

    Only a process of the own node can join: with the pid of another node \`join\` fails. Let that node join it.

    The fix calls \`:pg\` instead of \`:pg2\`; it is unsafe, since the scope has to be started and there is no \`create\`.`,
  references: ['https://www.erlang.org/doc/apps/kernel/pg.html', 'https://www.erlang.org/doc/system/removed.html'],
  examples: [
    {
      title: 'Removed in OTP 24',
      bad: `
        def init(_) do
          :pg2.join(:workers, self())
        # ^^^^^^^^^
          {:ok, nil}
        end`,
      good: `
        def init(_) do
          :pg.join(:workers, self())
          {:ok, nil}
        end`,
    },
    {
      title: 'A scope that nobody starts',
      project: { 'mix.exs': 'defmodule Shop.MixProject do\nend' },
      bad: `
        defmodule Shop.Workers do
          def all, do: :pg.get_members(:workers)
          #            ^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'A process of another node',
      bad: `
        def add do
          pid = :global.whereis_name(Shop.Leader)
          :pg.join(Shop.Groups, :leaders, pid)
          #                               ^^^
        end`,
    },
    {
      title: 'An own scope',
      project: {
        'lib/shop/application.ex': `
          defmodule Shop.Application do
            def start(_, _) do
              children = [%{id: :pg, start: {:pg, :start_link, [Shop.Groups]}}]
              Supervisor.start_link(children, strategy: :one_for_one)
            end
          end`,
      },
      good: `
        defmodule Shop.Workers do
          def join, do: :pg.join(Shop.Groups, :workers, self())
          def all, do: :pg.get_members(Shop.Groups, :workers)
        end`,
    },
    {
      title: 'The default scope, started by the kernel',
      project: { 'config/config.exs': 'import Config\n\nconfig :kernel, start_pg: true\n' },
      good: `
        defmodule Shop.Workers do
          def all, do: :pg.get_members(:workers)
        end`,
    },
    {
      title: 'For old and new OTP',
      good: `
        if Code.ensure_loaded?(:pg) do
          def all(group), do: :pg.get_members(Shop.Groups, group)
        else
          def all(group), do: :pg2.get_members(group)
        end`,
    },
  ],
  triggers: { words: ['pg', 'pg2'] },

  *check(file, context) {
    if (!supportsBoth(file, context)) for (const call of callsTo(file, pg2)) yield removed(file, call);
    for (const call of callsTo(file, [':pg.join/2', ':pg.join/3'])) yield* foreignPid(file, call);
    const [first] = callsTo(file, unscoped);
    if (first && context.project && !startsScope(context.project)) {
      yield {
        range: first.callee,
        message:
          'Nothing starts the default scope of `:pg`: `get_members` answers `[]`, and `join` exits. Set `config :kernel, start_pg: true`, or start a scope of your own and name it.',
      };
    }
  },
} satisfies Rule;

function supportsBoth(file: FileFacts, { project }: Context): boolean {
  if ((project?.otp?.major ?? 24) < 24) return true;
  const usesNew = [...file.calls.keys(), ...file.captures.keys()].some((name) => name.startsWith(':pg.'));
  return (
    usesNew ||
    callsTo(file, ['Code.ensure_loaded?', 'Code.ensure_loaded', 'Kernel.function_exported?']).some((call) =>
      /:pg2?\b/.test(textOf(file, call.range)),
    )
  );
}

function removed(file: FileFacts, call: Call): Finding {
  const hasNew = /^(?:join|leave|get_members|get_local_members)$/.test(call.name) && textOf(file, call.callee).startsWith(':pg2.');
  const edits = [replace({ start: call.callee.start, end: call.callee.start + ':pg2'.length }, ':pg')];
  const fix: Fix = { title: 'Use `:pg`', edits };
  return {
    range: call.callee,
    message:
      call.name === 'create'
        ? '`:pg2` was removed in OTP 24. `:pg` needs no `create`: remove it.'
        : '`:pg2` was removed in OTP 24. Use `:pg`.',
    severity: 'error',
    ...(hasNew && { fix }),
  };
}

function* foreignPid(file: FileFacts, call: Call): Iterable<Finding> {
  const pid = call.args.at(-1);
  if (!pid) return;
  const origins = originsOf(file, pid);
  if (origins.length === 0 || !origins.every(isForeign)) return;
  yield {
    range: pid.range,
    message: 'This process may run on another node, and only processes of this node can join. Let its own node join it.',
  };
}

function isForeign(origin: Origin): boolean {
  if (origin.kind === 'remote') return origin.via === 'rpc' || origin.via === 'erpc';
  if (origin.kind !== 'call') return false;
  const { module, name, args } = origin.at;
  if (module === ':global' || module === 'Swarm') return name === 'whereis_name';
  return module === 'GenServer' && name === 'whereis' && isGlobal(args[0]);
}

function isGlobal(name: Expr | undefined): boolean {
  const [tag] = name?.kind === 'tuple' ? name.items : [];
  return tag?.kind === 'atom' && tag.value === 'global';
}

/** `start_pg` in any file, a call of `:pg.start…`, or a child `{:pg, :start_link, []}`. */
function startsScope(project: ProjectFacts): boolean {
  if (project.words.has('start_pg') || project.release.some(({ name }) => name.endsWith('start_pg'))) return true;
  if ([':pg.start_link', ':pg.start'].some((name) => project.calls.has(name))) return true;
  for (const file of project.files.values()) {
    if (file.exprs.some((e) => e.kind === 'tuple' && e.items[0]?.kind === 'atom' && e.items[0].value === 'pg')) return true;
  }
  return false;
}

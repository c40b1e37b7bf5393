import { type Call, descendants, type Expr } from '../../elixir/ir';
import { registrars, registrationsIn } from '../../facts/cluster-names';
import { type FileFacts, parentOf } from '../../facts/facts';
import { definitionOf, resultsOf } from '../../facts/values';
import { isTestPath } from '../../project/environment';
import type { Rule } from '../../rule';

/** What says that the name was not to be had. */
const refusals: Readonly<Record<string, string>> = {
  ':global': '`:no`',
  ':syn': '`{:error, :taken}`',
  'Horde.Registry': '`{:error, {:already_registered, pid}}`',
  Swarm: '`{:error, reason}`',
};

export default {
  id: 'register-result-ignored',
  summary: 'Nobody looks whether a name in the cluster was registered.',
  category: 'consistency',
  severity: 'warning',
  rationale: `
    Registering a name can fail: another process has it, on this node or on any other. \`:global.register_name\` then answers \`:no\`,
    \`Horde.Registry.register\` and \`:syn.register\` answer \`{:error, reason}\`; none of them raises. A process that does not look carries on as the
    owner of a name that leads to somebody else: two schedulers, two writers, and messages that always reach the other one.

    Reported where the answer is dropped, and where it becomes the result of one branch beside \`{:error, reason}\` of another: callers that
    match on the error take \`:no\` for success. \`:yes = :global.register_name(…)\` says what is meant and is left alone, so is \`_ = …\`.

    There is no fix: whether the second process stops, waits or hands its work over is for you to say. In \`init/1\`, answer \`:ignore\` or
    \`{:stop, reason}\`.`,
  references: [
    'https://www.erlang.org/doc/apps/kernel/global.html#register_name/3',
    'https://hexdocs.pm/horde/Horde.Registry.html#register/3',
  ],
  examples: [
    {
      title: 'Dropped',
      bad: `
        def init(opts) do
          :global.register_name({:subscriptions, opts.id}, self())
        # ^^^^^^^^^^^^^^^^^^^^^
          {:ok, opts}
        end`,
    },
    {
      title: 'Through a pipe and an alias',
      bad: `
        alias Horde.Registry

        def init(id) do
          MyApp.Registry |> Registry.register(id, nil)
          #                 ^^^^^^^^^^^^^^^^^
          {:ok, id}
        end`,
    },
    {
      title: 'Refusal and error side by side',
      bad: `
        def start(id) do
          case :global.whereis_name({:room, id}) do
            :undefined ->
              pid = spawn(Room, :run, [id])
              :global.register_name({:room, id}, pid)
            # ^^^^^^^^^^^^^^^^^^^^^

            _pid ->
              {:error, :already_started}
          end
        end`,
    },
    {
      title: 'Both answers',
      good: `
        def init(id) do
          case :global.register_name({:room, id}, self()) do
            :yes -> {:ok, id}
            :no -> :ignore
          end
        end`,
    },
    { title: 'Asserted', good: ':yes = :global.register_name(:leader, self())' },
    {
      title: 'Dropped on purpose',
      good: `
        def init(id) do
          _ = :global.register_name({:room, id}, self())
          {:ok, id}
        end`,
    },
    { title: 'The caller gets it', good: 'def register(name), do: :global.register_name(name, self())' },
    {
      title: 'It always succeeds',
      good: `
        def init(id) do
          :global.re_register_name({:room, id}, self())
          {:ok, id}
        end`,
    },
    {
      title: 'A name that nobody else has',
      good: `
        def start_many(count) do
          for _ <- 1..count do
            name = String.to_atom(UUID.uuid1())
            Swarm.register_name(name, Worker, :start_link, [name])
            name
          end
        end`,
    },
  ],
  triggers: { calls: registrars },

  *check(file) {
    if (isTestPath(file.path)) return;
    for (const { call, registry } of registrationsIn(file)) {
      if (
        call.name === 're_register_name' ||
        call.args.slice(0, 2).some((name) => isFresh(file, name)) ||
        !(isDropped(file, call) || isBesideError(file, call))
      )
        continue;
      yield {
        range: call.callee,
        message: `Another process may have the name: \`${call.module}.${call.name}\` then answers ${refusals[registry] ?? '`:no`'}, and nothing is registered. Handle that answer.`,
      };
    }
  },
} satisfies Rule;

/** A name that nobody else can have: made of a UUID, a reference or a unique integer. */
function isFresh(file: FileFacts, name: Expr): boolean {
  return [...descendants(definitionOf(file, name))].some(
    (e) =>
      e.kind === 'call' &&
      (/(?:^|\.)(?:UUID|ULID|Uniq|Nanoid)(?:\.|$)/.test(e.module ?? '') || /^(?:unique_integer|make_ref)$/.test(e.name)),
  );
}

function isDropped(file: FileFacts, call: Call): boolean {
  const parent = parentOf(file, call);
  if (parent?.kind === 'block') return parent.body.at(-1) !== call;
  if (parent?.kind === 'for') return parentOf(file, parent)?.kind === 'block' && isDroppedValue(file, parent);
  if (parent?.kind !== 'clause') return false;
  const fn = parentOf(file, parent);
  const each = fn?.kind === 'fn' ? parentOf(file, fn) : undefined;
  return each?.kind === 'call' && each.name === 'each';
}

function isDroppedValue(file: FileFacts, e: Expr): boolean {
  const parent = parentOf(file, e);
  return parent?.kind === 'block' && parent.body.at(-1) !== e;
}

/** The answer is the result of one branch, and another branch results in `:error` or `{:error, …}`. */
function isBesideError(file: FileFacts, call: Call): boolean {
  let at: Expr = call;
  for (let parent = parentOf(file, at); parent; parent = parentOf(file, parent)) {
    if (parent.kind === 'case' || parent.kind === 'if' || parent.kind === 'cond') {
      const results = resultsOf(parent);
      return results.includes(call) && results.some((result) => result !== call && isError(result));
    }
    if (parent.kind === 'block' && parent.body.at(-1) !== at) return false;
    if (parent.kind !== 'block' && parent.kind !== 'clause') return false;
    at = parent;
  }
  return false;
}

function isError(e: Expr): boolean {
  const tag = e.kind === 'tuple' ? e.items[0] : e;
  return tag?.kind === 'atom' && tag.value === 'error';
}

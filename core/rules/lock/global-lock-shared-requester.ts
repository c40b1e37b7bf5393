import type { Call, Expr, Tuple } from '../../elixir/ir';
import { callsTo, type FileFacts, moduleOf, textOf } from '../../facts/facts';
import { hasRealRequester } from '../../facts/protection';
import { definitionOf, sameValue } from '../../facts/values';
import { makesLineTooLong, replace } from '../../fix';
import type { Fix, Rule } from '../../rule';
import { contains, type TextEdit } from '../../text';

export default {
  id: 'global-lock-shared-requester',
  summary: 'Lock of `:global` whose requester is the same for every caller.',
  category: 'consistency',
  severity: 'error',
  fixable: 'safe',
  rationale: `
    A lock id of \`:global\` is \`{resource, requester}\`, and a lock only keeps out *other* requesters: whoever comes with the same
    requester is taken for its holder and is let in. Where the second element is a constant or a key, all callers come with the same
    one, and any number of them run the critical section at once, on one node or on many. The lock takes its time, and excludes
    nobody. With \`{__MODULE__, key}\` it is worse than that: the key was meant to be the resource, and now callers with *different*
    keys wait for each other.

    Silent where the requester differs: \`self()\`, a reference, a pid, a node's name where one process of each node asks, and where
    it cannot be told.

    The fix keeps both values as the resource and lets the calling process be the requester. For \`set_lock\` it is unsafe, because
    \`del_lock\` must be called by the same process with the same id.`,
  references: ['https://www.erlang.org/doc/apps/kernel/global.html#set_lock/3'],
  examples: [
    {
      title: 'The key is taken for the requester',
      bad: `
        defmodule Shop.Queue do
          def pop(table) do
            :global.trans({__MODULE__, table}, fn -> pop_front(table) end)
            #                          ^^^^^
          end
        end`,
      good: `
        defmodule Shop.Queue do
          def pop(table) do
            :global.trans({{__MODULE__, table}, self()}, fn -> pop_front(table) end)
          end
        end`,
    },
    {
      title: 'A constant, through a variable',
      bad: `
        defmodule Shop.Import do
          def run(path) do
            lock = {:import, :only_one}
            :global.trans(lock, fn -> Import.file(path) end, [node() | Node.list()], 3)
            #             ^^^^
          end
        end`,
      good: `
        defmodule Shop.Import do
          def run(path) do
            lock = {{:import, :only_one}, self()}
            :global.trans(lock, fn -> Import.file(path) end, [node() | Node.list()], 3)
          end
        end`,
    },
    {
      title: 'Taken and given back',
      bad: `
        defmodule Shop.Import do
          def start(id) do
            :global.set_lock({:import, id})
            #                          ^^
          end

          def stop(id), do: :global.del_lock({:import, id})
        end`,
      good: `
        defmodule Shop.Import do
          def start(id) do
            :global.set_lock({{:import, id}, self()})
          end

          def stop(id), do: :global.del_lock({{:import, id}, self()})
        end`,
    },
    {
      title: 'The calling process, a reference, an owner',
      good: `
        defmodule Shop.Queue do
          def pop(table), do: :global.trans({{:queue, table}, self()}, fn -> pop_front(table) end)
          def lock(id, owner_pid), do: :global.set_lock({{:queue, id}, owner_pid})

          def once(id) do
            me = {node(), make_ref()}
            :global.trans({id, me}, fn -> run(id) end)
          end
        end`,
    },
    {
      title: 'One process of each node asks',
      good: `
        defmodule Shop.Peer do
          def lead?(name), do: :global.set_lock({name, node()}, [node() | Node.list()], 0)
        end`,
    },
  ],
  triggers: { calls: [':global.trans', ':global.set_lock'] },

  *check(file) {
    for (const call of callsTo(file, [':global.trans', ':global.set_lock'])) {
      const [id] = call.args;
      const pair = id && definitionOf(file, id);
      if (!id || pair?.kind !== 'tuple' || hasRealRequester(file, call)) continue;
      const requester = pair.items[1];
      if (!requester) continue;
      const isHere = contains(id.range, pair.range);
      const fix = fixOf(file, call, id, pair);
      yield {
        range: isHere ? requester.range : id.range,
        message:
          'Every caller comes as the same requester, so that this lock lets all of them in at once. ' +
          'Let the requester, the second element of the lock id, be `self()`.',
        ...(!isHere && { related: [{ message: 'The requester of this id is the same for every caller.', range: requester.range }] }),
        ...(fix && { fix }),
      };
    }
  },
} satisfies Rule;

/** Makes both values the resource, also where the lock is given back. */
function fixOf(file: FileFacts, call: Call, id: Expr, pair: Tuple): Fix | undefined {
  if (id.kind === 'attribute' || moduleOf(file, pair) === undefined) return undefined;
  const own = withSelf(file, pair);
  const releases = call.name === 'set_lock' ? callsTo(file, [':global.del_lock']) : [];
  const released = releases.flatMap((release) => {
    const other = release.args[0] && definitionOf(file, release.args[0]);
    return other && other !== pair && other.kind === 'tuple' && looksSame(file, other, pair) ? [withSelf(file, other)] : [];
  });
  const edits = [own, ...released.filter((edit, i) => released.findIndex((e) => e.range.start === edit.range.start) === i)];
  const isSafe = call.name === 'trans' && !makesLineTooLong(file.text, edits);
  return { title: 'Let the calling process be the requester', edits, ...(!isSafe && { safety: 'unsafe' as const }) };
}

function withSelf(file: FileFacts, pair: Tuple): TextEdit {
  return replace(pair.range, `{${textOf(file, pair.range)}, self()}`);
}

/** The same id, written in another function: by its text, as its variables are other ones. */
function looksSame(file: FileFacts, a: Tuple, b: Tuple): boolean {
  return sameValue(file, a, b) || textOf(file, a.range) === textOf(file, b.range);
}

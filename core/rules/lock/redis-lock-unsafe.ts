import { descendants, type Expr } from '../../elixir/ir';
import { type FileFacts, moduleOf } from '../../facts/facts';
import { expires, isSameKey, type RedisCommand, redisCommandsIn, setsOnce } from '../../facts/redis';
import { enclosingFunctionName, wordsIn, wordsOf } from '../../facts/words';
import { insertAt, replace } from '../../fix';
import type { Fix, Rule } from '../../rule';
import { indentationAt, lineEnding } from '../../text';

export default {
  id: 'redis-lock-unsafe',
  summary: 'Lock in Redis that never expires, or that anyone’s release takes away.',
  category: 'availability',
  severity: 'error',
  fixable: 'unsafe',
  rationale: `
    A lock in Redis needs two things that are easily left out.

    - **A time to live, set by the same command.** A holder that crashes, or loses its connection, never releases: without \`PX\`
      the key stays and everyone waits for ever. \`SETNX\` followed by \`EXPIRE\` leaves the gap between the two.
    - **A token, compared when it is released.** A holder that was slow finds its lock expired and taken by another; a plain \`DEL\`
      then takes away the other's lock, and a third one enters. Compare and delete in one script:
      \`if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end\`.

    Even so it is a lock for efficiency: one that was slow may still write after its time. What must not be written twice needs a
    fencing token that the storage compares.

    Silent where \`SET … NX\` only marks or caches something, which is told by names, and where the release is a script.

    The fix lets the lock expire after ten seconds. How long the work can take is yours to know.`,
  references: [
    'https://redis.io/docs/latest/develop/use/patterns/distributed-locks/',
    'https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html',
  ],
  examples: [
    {
      title: 'Held for ever by who crashed',
      bad: `
        defmodule Shop.Lock do
          def acquire(conn, id, token) do
            Redix.command(conn, ["SET", "lock:#{id}", token, "NX"])
            #                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          end
        end`,
      good: `
        defmodule Shop.Lock do
          def acquire(conn, id, token) do
            Redix.command(conn, ["SET", "lock:#{id}", token, "NX", "PX", "10000"])
          end
        end`,
    },
    {
      title: 'The old command, and a gap before it expires',
      bad: `
        defmodule Shop.Lock do
          def acquire(conn, key) do
            {:ok, 1} = Redix.command(conn, ["SETNX", key, "1"])
            #                              ^^^^^^^^^^^^^^^^^^^
            Redix.command(conn, ["EXPIRE", key, "10"])
          end
        end`,
    },
    {
      title: 'Anyone’s release',
      bad: `
        defmodule Shop.Lock do
          def acquire(conn, key, token) do
            Redix.command(conn, ["SET", key, token, "NX", "PX", "10000"])
          end

          def release(conn, key), do: Redix.command(conn, ["DEL", key])
          #                                               ^^^^^^^^^^^^
        end`,
    },
    {
      title: 'Expires, and is released by its holder only',
      good: `
        defmodule Shop.Lock do
          @release ~S|if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end|

          def acquire(conn, key, token) do
            Redix.command(conn, ["SET", key, token, "NX", "PX", "10000"])
          end

          def release(conn, key, token) do
            Redix.command(conn, ["EVAL", @release, "1", key, token])
          end
        end`,
    },
    {
      title: 'Set and expired in one transaction',
      good: `
        defmodule Shop.Lock do
          def acquire(conn, key) do
            Redix.transaction_pipeline(conn, [["SETNX", key, "1"], ["EXPIRE", key, "10"]])
          end
        end`,
    },
    {
      title: 'A mark that something was seen is no lock',
      good: `
        defmodule Shop.Webhooks do
          def first?(conn, event_id) do
            Redix.command(conn, ["SET", "seen:#{event_id}", "1", "NX"]) == {:ok, "OK"}
          end

          def forget(conn, event_id), do: Redix.command(conn, ["DEL", "seen:#{event_id}"])
        end`,
    },
  ],
  triggers: { words: ['SETNX', 'NX', 'setnx', 'nx'] },

  *check(file) {
    const commands = redisCommandsIn(file);
    const locks = commands.filter((command) => setsOnce(command) && isLock(file, command));
    for (const lock of locks) {
      if (expires(file, lock) !== false) continue;
      yield {
        range: lock.list.range,
        message: 'A holder that crashes keeps this lock for ever. Let it expire by the same command: `"NX", "PX", ttl`.',
        fix: fixOf(file, lock),
      };
    }
    for (const { verb, key, list } of commands) {
      if (verb !== 'DEL' && verb !== 'UNLINK') continue;
      const module = moduleOf(file, list);
      const own = commands.filter((c) => moduleOf(file, c.list) === module);
      const lock = locks.find((l) => own.includes(l) && isSameKey(file, l.key, key) && expires(file, l) === true);
      if (!lock || own.some((c) => c.verb.startsWith('EVAL'))) continue;
      yield {
        range: list.range,
        severity: 'warning',
        message:
          'A holder whose lock has expired deletes the lock of the next one here. ' +
          'Delete it by a script, and only while it still holds your own token.',
        related: [{ message: 'The lock expires by itself.', range: lock.list.range }],
      };
    }
  },
} satisfies Rule;

const lockWord = /^(?:lock|locks|locked|locking|lease|leases|mutex|leader|leadership|semaphore|exclusive)$/;

/** Whether names or the key's text say that this is a lock. */
function isLock(file: FileFacts, { key, list }: RedisCommand): boolean {
  const words = [
    ...wordsOf(key),
    ...textIn(key),
    ...wordsIn(enclosingFunctionName(file, list) ?? ''),
    ...wordsIn(moduleOf(file, list)?.name.split('.').slice(-1).join('') ?? ''),
  ];
  return words.some((word) => lockWord.test(word));
}

function textIn(e: Expr): readonly string[] {
  return [...descendants(e)].flatMap((part) =>
    part.kind === 'string' ? part.parts.flatMap((p) => (typeof p === 'string' ? wordsIn(p) : [])) : [],
  );
}

function fixOf(file: FileFacts, { list, verb }: RedisCommand): Fix {
  const [first] = list.items;
  const last = list.items.at(-1) ?? list;
  const before = file.text.slice(file.text.lastIndexOf('\n', last.range.start - 1) + 1, last.range.start);
  const separator = before.trim() === '' ? `,${lineEnding(file.text)}${indentationAt(file.text, last.range.start)}` : ', ';
  const added = [...(verb === 'SETNX' ? ['"NX"'] : []), '"PX"', '"10000"'];
  return {
    title: 'Let the lock expire after 10 seconds',
    edits: [
      ...(verb === 'SETNX' && first ? [replace(first.range, '"SET"')] : []),
      insertAt(last.range.end, added.map((word) => separator + word).join('')),
    ],
  };
}

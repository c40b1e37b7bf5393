import { type Expr, keywordValue } from '../../elixir/ir';
import { type FileFacts, textOf } from '../../facts/facts';
import { allOrigins, originsOf } from '../../facts/origins';
import {
  agentApi,
  isShared,
  keyValueApi,
  keyValueStores,
  type LostUpdate,
  lostUpdates,
  mayBeCallback,
  ownStores,
  redisApi,
} from '../../facts/stores';
import { dependsOn } from '../../facts/values';
import type { Context, Finding, Rule } from '../../rule';

/** A write to something that is named like a store, or may be renamed by an alias. */
const writesStore =
  /(?:Store|Storage|Cache|KV|KeyValue|Redis|Database|Db|DB|Backend|Bucket|Ledger|Persistence|Agent|Cachex|ConCache|persistent_term|CubDB|Registry|Redix)\.(?:put|set|save|write|store|insert|update|cast|command|noreply|dirty)|\bas:\s|@\w+\.(?:put|set|save|write|store|insert)/;

export default {
  id: 'kv-get-then-put',
  summary: 'A value is read from a shared store, changed and written back, and updates made in between are lost.',
  category: 'consistency',
  severity: 'warning',
  rationale: `
    Two processes, or two nodes, read the same value, both compute their change, both write: the later write wipes out the other one. Stock
    is sold twice, a counter stays behind, a settings map loses the key that a colleague just added. The store does nothing wrong; it was
    asked for two unrelated operations.

    Reported for \`Agent\`, \`Cachex\`, \`ConCache\`, Redis through \`Redix\`, \`:persistent_term\`, \`CubDB\`, registry metadata, and for a project's
    own storage module: read with \`get\`, \`fetch\`, \`read\`, \`lookup\` or \`load\` and written with \`put\`, \`set\`, \`save\`, \`write\`, \`store\` or \`insert\`
    under the same key, the new value computed from the old one. Filling a cache (the value does not depend on what was read), code inside a
    transaction or lock of the store, callbacks of the one process that owns it, a storage module's table that is handed in (it
    is mostly the affair of one process), and pure data structures are left alone.

    There is no automatic fix, because the store must offer one: an atomic update, a transaction, or a compare-and-set with a version and a
    retry. Or let one process, or one \`:ra\` machine, decide.`,
  references: [
    'https://hexdocs.pm/elixir/Agent.html#get_and_update/3',
    'https://hexdocs.pm/cachex/Cachex.html#get_and_update/4',
    'https://redis.io/docs/latest/develop/use/transactions/',
  ],
  examples: [
    {
      title: "A project's own storage",
      bad: `
        defmodule Inventory.Stock do
          alias Inventory.Storage

          def decrement(key) do
            value = Storage.get(key)
            Storage.put(key, value - 1)
          # ^^^^^^^^^^^^^^^^^^^^^^^^^^^
          end
        end`,
    },
    {
      title: 'A cache',
      bad: `
        def bump(key) do
          {:ok, n} = Cachex.get(:counts, key)
          Cachex.put(:counts, key, (n || 0) + 1)
        # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'An agent, twice asked',
      bad: `
        def next(agent) do
          n = Agent.get(agent, & &1)
          Agent.update(agent, fn _ -> n + 1 end)
        # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'Redis',
      bad: `
        def visit(conn, id) do
          {:ok, n} = Redix.command(conn, ["GET", "visits:#{id}"])
          Redix.command(conn, ["SET", "visits:#{id}", String.to_integer(n) + 1])
        # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    { title: 'One atomic update', good: 'Cachex.get_and_update(:counts, key, fn n -> {:commit, (n || 0) + 1} end)' },
    {
      title: 'Filling a cache',
      good: `
        def user(id) do
          case Cachex.get(:users, id) do
            {:ok, nil} ->
              user = Repo.get(User, id)
              Cachex.put(:users, id, user)
              user

            {:ok, user} ->
              user
          end
        end`,
    },
    {
      title: 'In a transaction of the store',
      good: `
        Cachex.transaction(:counts, [key], fn cache ->
          {:ok, n} = Cachex.get(cache, key)
          Cachex.put(cache, key, n + 1)
        end)`,
    },
    {
      title: 'A data structure, not a store',
      good: `
        def bump(cache, key) do
          n = LRUCache.get(cache, key)
          cache = LRUCache.put(cache, key, n + 1)
          {n, cache}
        end`,
    },
    {
      title: 'A write that fails when the version has changed',
      good: `
        def decrement(key) do
          {:ok, value, version} = Storage.get_with_version(key)
          Storage.put_if_version(key, value - 1, version)
        end`,
    },
    {
      title: 'The agent applies the change itself',
      good: 'Agent.update(agent, &(&1 + 1))',
    },
    {
      title: 'An agent of the function itself',
      good: `
        def collector(callback) do
          {:ok, agent} = Agent.start_link(fn -> [] end)

          fn chunk ->
            before = Agent.get(agent, & &1)
            Agent.update(agent, fn _ -> callback.(before, chunk) end)
          end
        end`,
    },
  ],
  triggers: {
    calls: ['Agent.update', 'Agent.cast', 'Redix.command', 'Redix.command!', ...keyValueStores.map((s) => `${s.module}.*`)],
    pattern: writesStore,
    parts: ['store', 'storage', 'cache', 'redis', 'backend', 'bucket', 'ledger', 'database', 'persistence', 'kv'],
  },

  *check(file, context) {
    for (const kind of keyValueStores) {
      const updates = lostUpdates(file, keyValueApi(file, kind)).filter(({ write }) => !kind.settled || !mayBeCallback(file, write.call));
      for (const finding of findings(file, updates, kind.atomic)) yield kind.settled ? { ...finding, severity: 'info' } : finding;
    }
    yield* findings(
      file,
      lostUpdates(file, agentApi(file)).filter((update) => !isOwnAgent(file, update)),
      '`Agent.update/2` or `Agent.get_and_update/2` with a function of the current value',
    );
    yield* findings(file, lostUpdates(file, redisApi(file)), '`INCRBY`, a Lua script, or `WATCH` with `MULTI`');
    for (const [module, api] of ownStores(file)) {
      if (isPureData(module, context)) continue;
      const updates = lostUpdates(file, api).filter((update) => !isConditional(file, update) && !isOfOneProcess(file, update));
      yield* findings(file, updates, 'an atomic update, a transaction, or a write that fails when the version has changed');
    }
  },
} satisfies Rule;

function* findings(file: FileFacts, updates: readonly LostUpdate[], instead: string): Iterable<Finding> {
  const reported = new Set<number>();
  for (const { read, write } of updates) {
    if (reported.has(write.call.id) || !isShared(file, write.call)) continue;
    reported.add(write.call.id);
    yield {
      range: write.call.range,
      ...(write.store && isHandedIn(file, write.store) && { severity: 'info' as const }),
      message: `Whatever is written between \`${textOf(file, read.call.callee)}\` and \`${textOf(file, write.call.callee)}\` is lost. Use ${instead}.`,
      related: [{ message: 'The value is read here.', range: read.call.range }],
    };
  }
}

/** An agent that the function itself has started. */
function isOwnAgent(file: FileFacts, { write: { store } }: LostUpdate): boolean {
  return (
    store !== undefined &&
    allOrigins(originsOf(file, store), (o) => o.kind === 'call' && /^Agent\.start(?:_link)?$/.test(`${o.at.module}.${o.at.name}`))
  );
}

/** A module of the project that keeps nothing: it calls no store, process or file, so that its functions only compute. */
function isPureData(module: string, context: Context): boolean {
  const place = context.project?.modules.get(module)?.path;
  const file = place === undefined ? undefined : context.project?.files.get(place);
  if (!file) return false;
  for (const name of file.calls.keys()) {
    if (
      /^(?::ets|:dets|:mnesia|:persistent_term|Agent|GenServer|File|Redix|Cachex|ConCache|CubDB|DeltaCrdt|:ra|:khepri|Registry)\.|Repo\.|^\?\./.test(
        name,
      )
    )
      return false;
  }
  return !file.modules.some((m) => m.behaviours.length > 0 || m.uses.length > 0);
}

/** A table or state that is handed in is mostly the affair of the process that handed it. */
const isOfOneProcess = (file: FileFacts, { write: { store } }: LostUpdate): boolean => store !== undefined && isHandedIn(file, store);

function isHandedIn(file: FileFacts, store: Expr): boolean {
  return originsOf(file, store).some((o) => o.kind === 'parameter' || o.kind === 'field');
}

/** A write that says what it expects to find is a compare-and-set: by its name, by an option, or by another value of the same read. */
function isConditional(file: FileFacts, { read, write }: LostUpdate): boolean {
  const { call, key, store, value } = write;
  if (/(?:^|_)(?:if|cas|swap|compare|when|unless|expect\w*)(?:_|$)/.test(call.name)) return true;
  if (['if_version', 'version', 'expected', 'prev', 'cas'].some((name) => keywordValue(call.args.at(-1), name) !== undefined)) return true;
  return call.args.some((arg) => arg !== key && arg !== store && arg !== value && dependsOn(file, arg, read.call));
}

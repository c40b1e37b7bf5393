import type { Call, Capture } from '../../elixir/ir';
import { type FileFacts, functionClauseOf } from '../../facts/facts';
import { callsInside, diffCallbacks, runsElsewhere } from '../../facts/tracker';
import type { Rule } from '../../rule';

/** By module, which functions wait for something, and for what. */
const waits: readonly { readonly module: RegExp; readonly name?: RegExp; readonly what: string }[] = [
  { module: /(?:^|\.)Repo$/, what: 'the database' },
  { module: /^(?:HTTPoison|Req|Finch|Tesla|Mojito|:httpc|:hackney)$/, what: 'another service' },
  {
    module: /^(?:GenServer|:gen_server|:gen_statem|Agent)$/,
    name: /^(?:call|multi_call|get|get_and_update|update)$/,
    what: 'another process',
  },
  { module: /^(?::rpc|:erpc)$/, name: /call$/, what: 'another node' },
  { module: /^(?:Process|:timer)$/, name: /^sleep$/, what: 'a timer' },
  { module: /^Task$/, name: /^(?:await|await_many|yield)$/, what: 'a task' },
  { module: /^File$/, name: /^(?:read|write|stream|copy|cp|rm)/, what: 'the disk' },
];

export default {
  id: 'tracker-diff-blocking',
  summary: 'A tracker waits for something else while it handles a change.',
  category: 'availability',
  severity: 'warning',
  optIn: true,
  rationale: `
    \`handle_diff/2\` and \`handle_metas/4\` run in the process of the tracker's shard, which also sends and receives the heartbeats. While it
    waits for the database or another service, heartbeats of the other nodes pile up; when that takes longer than \`down_period\`, live nodes are
    taken for dead and all their presences leave. An exception there kills the shard, and with it the presences of this node.

    Reported are calls that wait, in the callback and in the private functions that it calls; not what is handed to a task or another process.

    There is no fix: start a task, \`Task.Supervisor.start_child(Shop.Tasks, fn -> … end)\`, or send the change to a process that does the work.`,
  references: ['https://hexdocs.pm/phoenix_pubsub/Phoenix.Tracker.html#c:handle_diff/2'],
  examples: [
    {
      title: 'Rows for everyone who joins',
      bad: `
        defmodule Shop.Tracker do
          use Phoenix.Tracker

          def init(opts), do: {:ok, opts}

          def handle_diff(diff, state) do
            for {_topic, {joins, _leaves}} <- diff, {key, _meta} <- joins do
              Shop.Repo.insert!(%Shop.Visit{key: key})
            # ^^^^^^^^^^^^^^^^^
            end

            {:ok, state}
          end
        end`,
    },
    {
      title: 'A call from a function of the callback',
      bad: `
        defmodule ShopWeb.Presence do
          use Phoenix.Presence, otp_app: :shop, pubsub_server: Shop.PubSub

          def init(_opts), do: {:ok, %{}}

          def handle_metas(topic, diff, _presences, state) do
            count(topic, diff)
            {:ok, state}
          end

          defp count(topic, diff), do: GenServer.call(Shop.Counter, {:changed, topic, diff})
          #                            ^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'A function that is handed on',
      bad: `
        defmodule Shop.Tracker do
          use Phoenix.Tracker

          def init(opts), do: {:ok, opts}

          def handle_diff(diff, state) do
            Enum.each(Map.to_list(diff), &Shop.Repo.insert!/1)
            #                            ^^^^^^^^^^^^^^^^^^^^
            {:ok, state}
          end
        end`,
    },
    {
      title: 'A task does the work',
      good: `
        defmodule Shop.Tracker do
          use Phoenix.Tracker

          def init(opts), do: {:ok, opts}

          def handle_diff(diff, state) do
            Task.Supervisor.start_child(Shop.Tasks, fn -> persist(diff) end)
            {:ok, state}
          end

          defp persist(diff), do: Enum.each(diff, &Shop.Repo.insert!/1)
        end`,
    },
    {
      title: 'Another process is told',
      good: `
        defmodule Shop.Tracker do
          use Phoenix.Tracker

          def init(opts), do: {:ok, opts}

          def handle_diff(diff, state) do
            GenServer.cast(Shop.Counter, {:changed, diff})
            {:ok, state}
          end

          def persist(diff), do: Shop.Repo.insert_all(Shop.Visit, diff)
        end`,
    },
  ],
  triggers: { words: ['handle_diff', 'handle_metas'] },

  *check(file) {
    for (const { def, clauses } of diffCallbacks(file)) {
      for (const call of callsInside(file, clauses)) {
        const what = waitsFor(file, call);
        if (what === undefined) continue;
        const isOwn = functionClauseOf(file, call)?.def === def;
        yield {
          range: call.kind === 'call' ? call.callee : call.range,
          message: `The tracker waits for ${what} here and misses heartbeats, so that live nodes are taken for dead. Hand the work to a task.`,
          ...(!isOwn && { related: [{ message: 'Called for each change, in the tracker.', range: def.nameRange }] }),
        };
      }
    }
  },
} satisfies Rule;

function waitsFor(file: FileFacts, call: Call | Capture): string | undefined {
  const row = waits.find(({ module, name }) => module.test(call.module ?? '') && (!name || name.test(call.name)));
  return row && !runsElsewhere(file, call) ? row.what : undefined;
}

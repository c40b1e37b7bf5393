import type { Call } from '../../elixir/ir';
import { type FileFacts, functionClauseOf, textOf } from '../../facts/facts';
import { callsInside, diffCallbacks } from '../../facts/tracker';
import { replace } from '../../fix';
import type { Fix, Rule } from '../../rule';

export default {
  id: 'tracker-diff-cluster-broadcast',
  summary: 'A callback that runs on every node broadcasts to every node, so that each event arrives once per node.',
  category: 'correctness',
  severity: 'error',
  onlyInCluster: true,
  fixable: 'safe',
  rationale: `
    \`handle_diff/2\` of \`Phoenix.Tracker\` and \`handle_metas/4\` of \`Phoenix.Presence\` are called on *every* node for each change. A broadcast
    there goes to every node as well: with five nodes each subscriber gets each join five times, and n nodes exchange n² messages. On one
    node, in development, it looks right.

    Silent where the callback asks which node it is on.

    The fix makes the broadcast a local one, as the documentation of both does: every node tells its own subscribers.`,
  references: [
    'https://hexdocs.pm/phoenix_pubsub/Phoenix.Tracker.html#module-implementing-a-tracker',
    'https://hexdocs.pm/phoenix/Phoenix.Presence.html#module-using-elixir-as-a-presence-client',
  ],
  examples: [
    {
      title: 'Presence',
      bad: `
        defmodule ShopWeb.Presence do
          use Phoenix.Presence, otp_app: :shop, pubsub_server: Shop.PubSub

          def init(_opts), do: {:ok, %{}}

          def handle_metas(topic, %{joins: joins}, _presences, state) do
            for {id, _} <- joins do
              Phoenix.PubSub.broadcast!(Shop.PubSub, "proxy:" <> topic, {:joined, id})
            # ^^^^^^^^^^^^^^^^^^^^^^^^^
            end

            {:ok, state}
          end
        end`,
      good: `
        defmodule ShopWeb.Presence do
          use Phoenix.Presence, otp_app: :shop, pubsub_server: Shop.PubSub

          def init(_opts), do: {:ok, %{}}

          def handle_metas(topic, %{joins: joins}, _presences, state) do
            for {id, _} <- joins do
              Phoenix.PubSub.local_broadcast(Shop.PubSub, "proxy:" <> topic, {:joined, id})
            end

            {:ok, state}
          end
        end`,
    },
    {
      title: 'In a function that the callback calls',
      bad: `
        defmodule Shop.Tracker do
          use Phoenix.Tracker
          alias Phoenix.PubSub

          def init(opts), do: {:ok, %{pubsub: Keyword.fetch!(opts, :pubsub_server)}}

          def handle_diff(diff, state) do
            for {topic, {joins, _leaves}} <- diff, {key, _meta} <- joins, do: announce(state, topic, key)
            {:ok, state}
          end

          defp announce(state, topic, key) do
            PubSub.broadcast(state.pubsub, topic, {:join, key})
          # ^^^^^^^^^^^^^^^^
          end
        end`,
      good: `
        defmodule Shop.Tracker do
          use Phoenix.Tracker
          alias Phoenix.PubSub

          def init(opts), do: {:ok, %{pubsub: Keyword.fetch!(opts, :pubsub_server)}}

          def handle_diff(diff, state) do
            for {topic, {joins, _leaves}} <- diff, {key, _meta} <- joins, do: announce(state, topic, key)
            {:ok, state}
          end

          defp announce(state, topic, key) do
            PubSub.local_broadcast(state.pubsub, topic, {:join, key})
          end
        end`,
    },
    {
      title: 'Through the endpoint',
      bad: `
        defmodule Shop.Tracker do
          use Phoenix.Tracker

          def init(opts), do: {:ok, opts}

          def handle_diff(diff, state) do
            Enum.each(diff, fn {topic, _} -> ShopWeb.Endpoint.broadcast(topic, "changed", %{}) end)
            #                                ^^^^^^^^^^^^^^^^^^^^^^^^^^
            {:ok, state}
          end
        end`,
      good: `
        defmodule Shop.Tracker do
          use Phoenix.Tracker

          def init(opts), do: {:ok, opts}

          def handle_diff(diff, state) do
            Enum.each(diff, fn {topic, _} -> ShopWeb.Endpoint.local_broadcast(topic, "changed", %{}) end)
            {:ok, state}
          end
        end`,
    },
    {
      title: 'Each node tells its own',
      good: `
        defmodule Shop.Tracker do
          use Phoenix.Tracker

          def init(opts), do: {:ok, %{pubsub: Keyword.fetch!(opts, :pubsub_server)}}

          def handle_diff(diff, state) do
            for {topic, {joins, _leaves}} <- diff, {key, meta} <- joins do
              Phoenix.PubSub.direct_broadcast!(node(), state.pubsub, topic, {:join, key, meta})
            end

            {:ok, state}
          end
        end`,
    },
    {
      title: 'Only the node of the process',
      good: `
        defmodule Shop.Tracker do
          use Phoenix.Tracker

          def init(opts), do: {:ok, opts}

          def handle_diff(diff, state) do
            for {topic, {joins, _}} <- diff, {key, %{node: owner}} <- joins, owner == node() do
              Phoenix.PubSub.broadcast(Shop.PubSub, topic, {:join, key})
            end

            {:ok, state}
          end
        end`,
    },
    {
      title: 'Outside of the callback',
      good: `
        defmodule ShopWeb.Presence do
          use Phoenix.Presence, otp_app: :shop, pubsub_server: Shop.PubSub

          def announce(topic), do: Phoenix.PubSub.broadcast(Shop.PubSub, topic, :announced)
        end`,
    },
  ],
  triggers: { words: ['handle_diff', 'handle_metas'] },

  *check(file) {
    for (const { def, clauses } of diffCallbacks(file)) {
      const calls = callsInside(file, clauses).filter((call) => call.kind === 'call');
      if (calls.some(isNode)) continue;
      for (const call of calls.filter(isBroadcast)) {
        const fix = makeLocal(file, call);
        const isOwn = functionClauseOf(file, call)?.def === def;
        yield {
          range: call.callee,
          message: `\`${def.name}/${def.arity}\` runs on every node, so each event arrives once per node. Broadcast locally.`,
          ...(!isOwn && { related: [{ message: 'Called for each change on every node.', range: def.nameRange }] }),
          ...(fix && { fix }),
        };
      }
    }
  },
} satisfies Rule;

function isBroadcast({ module, name }: Call): boolean {
  if (!/^broadcast(?:_from)?!?$/.test(name)) return false;
  return module !== undefined && /^Phoenix\.PubSub$|^Phoenix\.Channel\.Server$|(?:^|\.)Endpoint$/.test(module);
}

/** `node()`, which tells the nodes apart. */
const isNode = ({ module, name, args }: Call): boolean =>
  args.length === 0 && ((module === 'Kernel' && name === 'node') || (module === 'Node' && name === 'self'));

/** The local functions cannot fail, and have no name with `!`. */
function makeLocal(file: FileFacts, call: Call): Fix | undefined {
  const written = textOf(file, call.callee);
  const name = /broadcast(?:_from)?!?$/.exec(written)?.[0];
  if (name === undefined) return undefined;
  const start = call.callee.end - name.length;
  return {
    title: 'Broadcast to this node only',
    edits: [replace({ start, end: call.callee.end }, `local_${name.replace('!', '')}`)],
  };
}

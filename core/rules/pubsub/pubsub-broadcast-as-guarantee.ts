import type { Call, Expr } from '../../elixir/ir';
import { callsTo, type FileFacts, functionClauseOf, parentOf, textOf } from '../../facts/facts';
import { precedes } from '../../facts/values';
import type { Rule } from '../../rule';

const broadcasts = [
  'Phoenix.PubSub.broadcast',
  'Phoenix.PubSub.broadcast!',
  'Phoenix.PubSub.broadcast_from',
  'Phoenix.PubSub.broadcast_from!',
];
const removals: Readonly<Record<string, readonly string[]>> = {
  ':ets': ['delete', 'take', 'delete_object'],
  ':dets': ['delete', 'delete_object'],
  ':mnesia': ['delete', 'delete_object', 'dirty_delete', 'dirty_delete_object'],
  'AMQP.Basic': ['ack'],
  'Broadway.Message': ['ack_immediately'],
};

export default {
  id: 'pubsub-broadcast-as-guarantee',
  summary: 'The only copy of something is given up because a broadcast answered `:ok`.',
  category: 'consistency',
  severity: 'info',
  optIn: true,
  rationale: `
    \`Phoenix.PubSub.broadcast/3\` is one \`send/2\` per node. \`:ok\` says that the messages were sent, not that anyone has them: a node that is
    disconnected at that moment misses them, and nothing is sent again when it comes back. Code that takes \`:ok\` for delivery and then deletes the
    row of its outbox, or acknowledges the message of a queue, loses events in every netsplit and every deploy.

    Reported where the result is asserted, and what is removed afterwards is called an outbox, queue, event, job or the like, or is a message
    of a queue; and in functions that promise delivery by their name. Telling others that something was deleted is fine.

    There is no fix: keep the copy until the receiver has confirmed it, number the events so that a receiver can ask for what it missed, or let it
    read the state again when a node comes up.`,
  references: ['https://hexdocs.pm/phoenix_pubsub/Phoenix.PubSub.html#broadcast/4'],
  examples: [
    {
      title: 'An outbox',
      bad: `
        def flush(outbox_entry) do
          :ok = Phoenix.PubSub.broadcast(Shop.PubSub, "orders", outbox_entry.payload)
          #     ^^^^^^^^^^^^^^^^^^^^^^^^
          Shop.Repo.delete!(outbox_entry)
        end`,
    },
    {
      title: 'A message that is acknowledged',
      bad: `
        def consume(channel, payload, meta) do
          with :ok <- Phoenix.PubSub.broadcast(Shop.PubSub, "orders", {:order, payload}) do
            #         ^^^^^^^^^^^^^^^^^^^^^^^^
            AMQP.Basic.ack(channel, meta.delivery_tag)
          end
        end`,
    },
    {
      title: 'A promise',
      bad: `
        def publish_reliably(order) do
          Phoenix.PubSub.broadcast!(Shop.PubSub, "orders", {:order, order})
        # ^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'Others are told of a deletion',
      good: `
        def delete(order) do
          Shop.Repo.delete!(order)
          Phoenix.PubSub.broadcast(Shop.PubSub, "orders", {:deleted, order.id})
        end`,
    },
    {
      title: 'The copy stays',
      good: `
        def notify(event) do
          Shop.Repo.insert!(event)
          :ok = Phoenix.PubSub.broadcast(Shop.PubSub, "orders", :new_events)
        end`,
    },
  ],
  triggers: { calls: broadcasts },

  *check(file) {
    for (const call of callsTo(file, broadcasts)) {
      const clause = functionClauseOf(file, call);
      const isPromise = /guarantee|reliabl|exactly_once|at_least_once/.test(clause?.def.name ?? '');
      const removal = isAsserted(file, call) ? removalsIn(file, call).find((other) => precedes(file, call, other)) : undefined;
      if (!isPromise && !removal) continue;
      yield {
        range: call.callee,
        message:
          '`:ok` says that the message was sent, not that it arrived: nodes that are disconnected miss it for good. Keep a copy until it is confirmed.',
        ...(removal && { related: [{ message: 'The copy is given up here.', range: removal.callee }] }),
      };
    }
  },
} satisfies Rule;

/** Whether what follows happens only if the broadcast answers `:ok`. */
function isAsserted(file: FileFacts, call: Call): boolean {
  if (call.name.endsWith('!')) return true;
  const parent = parentOf(file, call);
  const isOk = (pattern: Expr): boolean => pattern.kind === 'atom' && pattern.value === 'ok';
  if (parent?.kind === 'match' || parent?.kind === 'arrow') return isOk(parent.pattern);
  return parent?.kind === 'case' && parent.subject === call && parent.clauses.some(({ patterns }) => patterns.some(isOk));
}

const copies = /outbox|queue|pending|event|message|job|entr(?:y|ies)|buffer|spool/i;

/** Calls of the same function that remove what is named like a copy, or acknowledge a message. */
function removalsIn(file: FileFacts, call: Call): readonly Call[] {
  const clause = functionClauseOf(file, call);
  return file.exprs.filter((e): e is Call => {
    if (e.kind !== 'call' || functionClauseOf(file, e) !== clause) return false;
    const { module = '', name, args } = e;
    if (module === 'AMQP.Basic' || module === 'Broadway.Message') return removals[module]?.includes(name) ?? false;
    const removes = removals[module]?.includes(name) || (/(?:^|\.)Repo$/.test(module) && /^delete(?:_all)?!?$/.test(name));
    return removes === true && args.some((arg) => copies.test(textOf(file, arg.range)));
  });
}

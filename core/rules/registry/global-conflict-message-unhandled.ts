import type { Expr } from '../../elixir/ir';
import { ownRegistration, registrationsIn } from '../../facts/cluster-names';
import { moduleOf } from '../../facts/facts';
import { mayHaveHiddenClauses, takesMessage } from '../../facts/messages';
import { safeWhereItFits } from '../../fix';
import { addHandleInfo } from '../../fix-messages';
import type { Rule } from '../../rule';

/** Resolvers of `:global` that only send a message, by the size of the tuple that they send. */
const notifying: Readonly<Record<string, 2 | 3>> = { random_notify_name: 2, notify_all_name: 3 };

export default {
  id: 'global-conflict-message-unhandled',
  summary: 'A resolver tells a process that it lost its global name, and the process does not listen.',
  category: 'partition-tolerance',
  severity: 'warning',
  fixable: 'safe',
  rationale: `
    \`&:global.random_notify_name/3\` kills nobody: after a partition the loser gets \`{:global_name_conflict, name}\` and no longer has the name.
    \`&:global.notify_all_name/3\` takes the name from both and sends \`{:global_name_conflict, name, other_pid}\`. A process without a clause for
    that message, or with a catch-all that swallows it, simply goes on: two leaders, two schedulers, from then on for good.

    Reported when the process registers itself and no clause of its module takes the message. Silent for modules that \`use\` something unknown,
    which may bring the clause.

    The fix stops the loser in order, so that \`terminate/2\` and its supervisor do the rest. For \`notify_all_name\` there is none: which of the two
    goes on is for you to say.`,
  references: ['https://www.erlang.org/doc/apps/kernel/global.html#random_notify_name/3'],
  examples: [
    {
      title: 'The loser goes on',
      bad: `
        defmodule MyApp.Leader do
          use GenServer

          def init(name) do
            :yes = :global.register_name(name, self(), &:global.random_notify_name/3)
            #                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            {:ok, name}
          end

          def handle_info(_message, state), do: {:noreply, state}
        end`,
      good: `
        defmodule MyApp.Leader do
          use GenServer

          def init(name) do
            :yes = :global.register_name(name, self(), &:global.random_notify_name/3)
            {:ok, name}
          end

          def handle_info({:global_name_conflict, _name}, state), do: {:stop, :shutdown, state}
          def handle_info(_message, state), do: {:noreply, state}
        end`,
    },
    {
      title: 'No messages at all',
      bad: `
        defmodule MyApp.Leader do
          use GenServer

          @impl true
          def init(name) do
            :yes = :global.register_name(name, self(), &:global.random_notify_name/3)
            #                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            {:ok, name}
          end
        end`,
      good: `
        defmodule MyApp.Leader do
          use GenServer

          @impl true
          def init(name) do
            :yes = :global.register_name(name, self(), &:global.random_notify_name/3)
            {:ok, name}
          end

          @impl true
          def handle_info({:global_name_conflict, _name}, state), do: {:stop, :shutdown, state}
        end`,
    },
    {
      title: 'Another message than it expects',
      bad: `
        defmodule MyApp.Leader do
          use GenServer

          def init(name) do
            :yes = :global.register_name(name, self(), &:global.notify_all_name/3)
            #                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^
            {:ok, name}
          end

          def handle_info({:global_name_conflict, _name}, state), do: {:stop, :shutdown, state}
        end`,
    },
    {
      title: 'A resolver that decides by itself',
      good: `
        defmodule MyApp.Leader do
          use GenServer

          def init(name) do
            :yes = :global.register_name(name, self(), &MyApp.Leader.resolve/3)
            {:ok, name}
          end
        end`,
    },
    {
      title: 'A process that is registered by another one',
      good: `
        defmodule MyApp.Names do
          def register(name, pid), do: :global.register_name(name, pid, &:global.random_notify_name/3)
        end`,
    },
  ],
  triggers: { calls: [':global.register_name', ':global.re_register_name'] },

  *check(file) {
    for (const { call, resolver } of registrationsIn(file)) {
      const size = resolver && sizeOf(resolver);
      const module = moduleOf(file, call);
      if (!resolver || !size || !module || ownRegistration(file, module)?.at !== call || mayHaveHiddenClauses(module)) continue;
      if (takesMessage(file, module, 'global_name_conflict', size)) continue;
      const stop = module.behaviours.includes('GenServer') && size === 2;
      const edit = stop && addHandleInfo(file, module, call, '{:global_name_conflict, _name}', '{:stop, :shutdown, state}');
      const sent = size === 2 ? '`{:global_name_conflict, name}`' : '`{:global_name_conflict, name, other_pid}`';
      yield {
        range: resolver.range,
        message: `This resolver only sends ${sent}, which nothing here takes: after a partition both processes go on. Handle it.`,
        ...(edit && { fix: safeWhereItFits(file, 'Stop the process that loses its name', [edit]) }),
      };
    }
  },
} satisfies Rule;

function sizeOf(resolver: Expr): 2 | 3 | undefined {
  return resolver.kind === 'capture' && resolver.module === ':global' ? notifying[resolver.name] : undefined;
}

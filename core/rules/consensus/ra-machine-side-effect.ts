import type { Call } from '../../elixir/ir';
import { appliedCalls, machinesIn } from '../../facts/ra';
import type { Rule, Severity } from '../../rule';

/** Calls that change something outside of the machine, and what to return instead. */
const effects: readonly { readonly call: RegExp; readonly instead: string; readonly severity?: Severity }[] = [
  { call: /^(?:Kernel|:erlang)\.send$|^Process\.send$/, instead: 'Return `{:send_msg, pid, message}`' },
  { call: /^Process\.send_after$|^:timer\.|^:erlang\.(?:send_after|start_timer)$/, instead: 'Return `{:timer, name, milliseconds}`' },
  { call: /^Process\.monitor$|^:erlang\.monitor$|^Node\.monitor$/, instead: 'Return `{:monitor, :process, pid}`' },
  {
    call: /^(?:GenServer|:gen_server|:gen_statem|GenStage)\.(?:cast|call|reply|abcast|multi_call)$/,
    instead: 'Return `{:mod_call, module, function, arguments}`',
  },
  { call: /(?:^|\.)(?:PubSub|Endpoint)\.(?:local_|direct_)?broadcast\w*!?$/, instead: 'Return `{:mod_call, module, function, arguments}`' },
  { call: /(?:^|\.)Repo\.(?:insert|update|delete|transaction)\w*!?$/, instead: 'Return `{:mod_call, module, function, arguments}`' },
  { call: /^(?:HTTPoison|Req|Finch|Tesla|:httpc|:hackney|Redix|ExAws)\./, instead: 'Return `{:mod_call, module, function, arguments}`' },
  { call: /^File\.(?:write|rm|mkdir|cp|rename|touch)\w*!?$/, instead: 'Return `{:mod_call, module, function, arguments}`' },
  {
    call: /^Task(?:\.Supervisor)?\.(?:start|async|start_child|start_link)\w*$|^Kernel\.spawn\w*$|^Node\.spawn\w*$/,
    instead: 'Return `{:mod_call, module, function, arguments}`',
  },
  {
    call: /^(?:DynamicSupervisor|Supervisor|Horde\.DynamicSupervisor)\.(?:start_child|terminate_child)$/,
    instead: 'Return `{:mod_call, module, function, arguments}`',
  },
  { call: /^:ra\.(?:process_command|pipeline_command)$/, instead: 'Return `{:append, command}`' },
  {
    call: /^:ets\.(?:insert\w*|delete\w*|update_\w+)$/,
    instead: "Keep it in the machine's state, or return `{:mod_call, …}`",
    severity: 'warning',
  },
  { call: /^Process\.put$|^:persistent_term\.put$/, instead: "Keep it in the machine's state", severity: 'warning' },
  { call: /^:telemetry\.(?:execute|span)$|^IO\./, instead: 'Return `{:mod_call, …}` to do it once, on the leader', severity: 'info' },
];

export default {
  id: 'ra-machine-side-effect',
  summary: 'The `apply/3` of a `:ra` machine acts on the world instead of returning an effect.',
  category: 'consistency',
  severity: 'error',
  rationale: `
    Every member applies every command, and a restarted member applies its log again. A message sent in \`apply/3\` is sent three times by
    three members, and all of them once more after each deploy; a mail goes out again, a charge is made again.

    Return it as an effect: \`{state, reply, [{:send_msg, pid, message}]}\`. Effects run on the leader only. They may still be lost or repeated
    when the leader changes, so what must happen exactly once needs an id that the receiver knows.

    Logging is left alone. A local ETS copy that each replica keeps on purpose is a warning, telemetry only information.`,
  references: ['https://github.com/rabbitmq/ra/blob/main/docs/internals/INTERNALS.md'],
  examples: [
    {
      title: 'Sending from the machine',
      bad: `
        defmodule Topic do
          @behaviour :ra_machine

          def init(_config), do: %{}

          def apply(_meta, {:publish, pid, event}, state) do
            send(pid, event)
          # ^^^^^^^^^^^^^^^^
            {state, :ok}
          end

          def apply(_meta, _other, state), do: {state, {:error, :unknown_command}}
        end`,
    },
    {
      title: 'In a function that it calls',
      bad: `
        defmodule Orders do
          @behaviour :ra_machine

          def init(_config), do: []
          def apply(_meta, {:order, order}, orders), do: {[order | orders], notify(order)}
          def apply(_meta, _other, orders), do: {orders, {:error, :unknown_command}}

          defp notify(order) do
            Phoenix.PubSub.broadcast(App.PubSub, "orders", {:order, order})
          # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          end
        end`,
    },
    {
      title: 'As an effect',
      good: `
        defmodule Topic do
          @behaviour :ra_machine

          def init(_config), do: %{}
          def apply(_meta, {:publish, pid, event}, state), do: {state, :ok, [{:send_msg, pid, event}]}
          def apply(_meta, _other, state), do: {state, {:error, :unknown_command}}
        end`,
    },
    {
      title: 'Not in the deterministic part',
      good: `
        defmodule Topic do
          @behaviour :ra_machine
          require Logger

          def init(_config), do: %{}

          def apply(_meta, command, state) do
            Logger.debug("applied")
            {state, command}
          end

          def state_enter(:leader, _state), do: send(Watcher, :leader) && []
          def state_enter(_role, _state), do: []
        end`,
    },
  ],
  triggers: { words: ['ra_machine', 'start_cluster', 'start_server', 'start_or_restart_cluster'] },

  *check(file, context) {
    for (const machine of machinesIn(file, context)) {
      for (const call of appliedCalls(file, machine)) {
        const effect = effects.find((known) => known.call.test(nameOf(call)));
        if (!effect) continue;
        yield {
          range: call.range,
          message: `Every replica runs this, and again on every replay of its log. ${effect.instead}.`,
          ...(effect.severity && { severity: effect.severity }),
        };
      }
    }
  },
} satisfies Rule;

function nameOf(call: Call): string {
  return `${call.module}.${call.name}`;
}

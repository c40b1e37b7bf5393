/** What Elixir brings into every module without being asked. */

/** Functions and macros of `Kernel` that code calls without a module; special forms and definitions are not here. */
export const kernelFunctions: ReadonlySet<string> = new Set(
  (
    'abs apply binary_part bit_size byte_size ceil div elem exit floor get_and_update_in get_in hd inspect is_atom is_binary ' +
    'is_bitstring is_boolean is_exception is_float is_function is_integer is_list is_map is_map_key is_nil is_number is_pid is_port is_reference ' +
    'is_struct is_tuple length make_ref map_size max min node not pop_in put_elem put_in raise rem reraise round self send spawn spawn_link ' +
    'spawn_monitor struct struct! tap then throw tl to_charlist to_string to_timeout trunc tuple_size update_in binding dbg destructure'
  ).split(' '),
);

/** Of these, the ones without arguments that are often written without parentheses. */
export const bareKernelFunctions: ReadonlySet<string> = new Set(['node', 'self', 'make_ref']);

const genServer = ['init/1', 'handle_call/3', 'handle_cast/2', 'handle_info/2', 'handle_continue/2', 'terminate/2', 'code_change/3'];

/** Callbacks of the behaviours that rules know, by behaviour. */
export const callbacks: Readonly<Record<string, ReadonlySet<string>>> = {
  GenServer: new Set(genServer),
  ':gen_server': new Set(genServer),
  GenStage: new Set([...genServer, 'handle_demand/2', 'handle_events/3', 'handle_subscribe/4', 'handle_cancel/3']),
  Connection: new Set([...genServer, 'connect/2', 'disconnect/2']),
  ':gen_statem': new Set(['init/1', 'callback_mode/0', 'handle_event/4', 'terminate/3', 'code_change/4']),
  GenStateMachine: new Set(['init/1', 'handle_event/4', 'terminate/3', 'code_change/4']),
  Supervisor: new Set(['init/1']),
  DynamicSupervisor: new Set(['init/1']),
  'Horde.DynamicSupervisor': new Set(['init/1']),
  'Horde.Registry': new Set(['init/1']),
  Application: new Set(['start/2', 'stop/1', 'prep_stop/1', 'config_change/3', 'start_phase/3']),
  'Phoenix.LiveView': new Set([
    'mount/3',
    'handle_params/3',
    'handle_event/3',
    'handle_info/2',
    'handle_call/3',
    'handle_cast/2',
    'handle_async/3',
    'terminate/2',
  ]),
  'Phoenix.LiveComponent': new Set(['mount/1', 'update/2', 'handle_event/3', 'handle_async/3']),
  'Phoenix.Channel': new Set(['join/3', 'handle_in/3', 'handle_out/3', 'handle_info/2', 'handle_call/3', 'handle_cast/2', 'terminate/2']),
  'Phoenix.Socket.Transport': new Set(['init/1', 'connect/1', 'handle_in/2', 'handle_info/2', 'terminate/2']),
  'Phoenix.Tracker': new Set(['init/1', 'handle_diff/2', 'handle_info/2']),
  'Phoenix.Presence': new Set(['init/1', 'handle_metas/4', 'fetch/2']),
  ':ra_machine': new Set([
    'init/1',
    'apply/3',
    'state_enter/2',
    'tick/2',
    'snapshot_installed/4',
    'init_aux/1',
    'handle_aux/5',
    'handle_aux/6',
    'overview/1',
    'live_indexes/1',
    'snapshot_module/0',
    'version/0',
    'which_module/1',
  ]),
  ':syn_event_handler': new Set([
    'on_process_registered/5',
    'on_process_unregistered/5',
    'resolve_registry_conflict/4',
    'on_registry_process_updated/5',
  ]),
  Broadway: new Set(['handle_message/3', 'handle_batch/4', 'handle_failed/2', 'prepare_messages/2']),
  WebSockex: new Set(['handle_connect/2', 'handle_frame/2', 'handle_cast/2', 'handle_info/2', 'handle_disconnect/2', 'terminate/2']),
  Plug: new Set(['init/1', 'call/2']),
};

/** Behaviours whose module is one process that keeps its state in the callbacks' last argument. */
export const processBehaviours: ReadonlySet<string> = new Set([
  'GenServer',
  ':gen_server',
  'GenStage',
  'Connection',
  ':gen_statem',
  'GenStateMachine',
  'Phoenix.LiveView',
  'Phoenix.LiveComponent',
  'Phoenix.Channel',
  'Phoenix.Socket.Transport',
  'Phoenix.Tracker',
  'Phoenix.Presence',
  'WebSockex',
]);

/** Behaviours that `use Module` brings, beside that of the module's own name: `use MyAppWeb, :live_view`. */
export const usedAs: Readonly<Record<string, string>> = {
  live_view: 'Phoenix.LiveView',
  live_component: 'Phoenix.LiveComponent',
  channel: 'Phoenix.Channel',
};

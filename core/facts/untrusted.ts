/** Data that someone outside of the cluster has written: what arrives at sockets, in requests and from queues. */
import { type Call, type Clause, type Expr, keywordValue } from '../elixir/ir';
import { type Binding, bindingOf, type Path } from './bindings';
import { callsTo, type FileFacts, type FunctionClause, moduleOf } from './facts';
import { calledFunction, callersOf, everyCallSeen, partOf, resultsOf } from './values';

/** Where untrusted data comes in. */
export interface Untrusted {
  readonly from: 'socket' | 'request' | 'queue' | 'signed';
  readonly at: Expr;
}

/** How many functions are gone through, from callee to caller or back. */
const hopLimit = 4;

/** Where the value comes from, if all of it or a part of it is data from outside that nobody has verified. */
export function untrustedSource(file: FileFacts, e: Expr): Untrusted | undefined {
  return sourceOf({ file, seen: new Set(), signed: false }, e, [], hopLimit);
}

/** Where the bytes were verified or decrypted with a key, so that they come from outside, but nobody without the key wrote them. */
export function signedSource(file: FileFacts, e: Expr): Untrusted | undefined {
  const source = sourceOf({ file, seen: new Set(), signed: true }, e, [], hopLimit);
  return source?.from === 'signed' ? source : undefined;
}

interface Search {
  readonly file: FileFacts;
  readonly seen: Set<string>;
  /** Whether what a key vouches for counts. */
  readonly signed: boolean;
}

/** Functions that answer the bytes for which a key vouches. */
const verifying = /(?:^|\.)Message(?:Verifier\.verify|Encryptor\.(?:verify_and_decrypt|decrypt))$/;

const reads: Readonly<Record<string, Untrusted['from']>> = {
  ':gen_tcp.recv': 'socket',
  ':gen_udp.recv': 'socket',
  ':ssl.recv': 'socket',
  ':socket.recv': 'socket',
  ':socket.recvfrom': 'socket',
  'Plug.Conn.read_body': 'request',
  'Plug.Conn.read_part_body': 'request',
  'Plug.Conn.get_req_header': 'request',
};

/** Functions whose value holds what is in their first argument. */
const transparent =
  /^(?:Base\.(?:url_)?decode\d+!?|:base64\.\w+|String\.(?:to_atom|to_existing_atom|trim\w*|slice|downcase|upcase|replace\w*|split|to_charlist)|Module\.concat|Module\.safe_concat|:zlib\.(?:uncompress|unzip|gunzip)|:erlang\.(?:iolist_to_binary|binary_to_atom|binary_to_existing_atom|list_to_atom|list_to_existing_atom)|:binary\.part|IO\.iodata_to_binary|URI\.decode\w*|Map\.(?:get|fetch!?|take|values)|Keyword\.(?:get|fetch!?)|Kernel\.(?:binary_part|elem|hd|get_in|to_string|to_charlist)|List\.(?:first|last|to_atom)|Enum\.(?:at|map|join)|Jason\.decode!?|Poison\.decode!?)$/;

/** Fields of a connection that hold what the client sent. */
const requestFields = /^(?:params|body_params|query_params|path_params|cookies|req_cookies|query_string|req_headers|path_info)$/;

function sourceOf(search: Search, e: Expr, path: Path, hops: number): Untrusted | undefined {
  const key = `${e.id} ${hops} ${JSON.stringify(path)}`;
  if (search.seen.has(key)) return undefined;
  search.seen.add(key);
  const inside = (part: Expr | undefined): Untrusted | undefined => part && sourceOf(search, part, [], hops);
  switch (e.kind) {
    case 'variable': {
      const binding = bindingOf(search.file, e);
      return binding && fromBinding(search, binding, path, hops);
    }
    case 'field':
      if (e.subject.kind === 'variable' && e.subject.name === 'conn' && requestFields.test(e.name)) {
        return e.name === 'cookies' && hasSignedCookies(search.file) ? undefined : { from: 'request', at: e };
      }
      return sourceOf(search, e.subject, [{ step: 'key', key: e.name }, ...path], hops);
    case 'access':
      return inside(e.subject);
    case 'string':
      return firstOf(
        e.parts.filter((part): part is Expr => typeof part !== 'string'),
        inside,
      );
    case 'binary':
      return inside(e.left) ?? inside(e.right);
    case 'bitstring':
      return firstOf(e.items, inside);
    case 'call':
      return fromCall(search, e, path, hops);
    default: {
      const direct = path.length > 0 ? partOf(e, path) : undefined;
      if (direct) return sourceOf(search, direct, [], hops);
      const results = endsOf(e);
      if (results.length === 1 && results[0] === e) return undefined;
      return firstOf(results, (result) => sourceOf(search, result, path, hops));
    }
  }
}

/** Whether the file reads cookies that are verified: `fetch_cookies(conn, signed: ["name"])`. */
function hasSignedCookies(file: FileFacts): boolean {
  return callsTo(file, ['Plug.Conn.fetch_cookies/2', '?.fetch_cookies/2']).some(
    ({ args }) => keywordValue(args[1], 'signed') ?? keywordValue(args[1], 'encrypted'),
  );
}

/** Like `resultsOf`, and with what a `with` without `else` passes on: the value of a step that does not match. */
function endsOf(e: Expr): readonly Expr[] {
  if (e.kind === 'block') {
    const last = e.body.at(-1);
    return last ? endsOf(last) : [e];
  }
  const passedOn = e.kind === 'with' && e.otherwise.length === 0 ? e.steps.flatMap((s) => (s.kind === 'arrow' ? [s.value] : [])) : [];
  return [...passedOn, ...resultsOf(e)];
}

function firstOf<T>(items: readonly T[], find: (item: T) => Untrusted | undefined): Untrusted | undefined {
  for (const item of items) {
    const found = find(item);
    if (found) return found;
  }
  return undefined;
}

function fromCall(search: Search, call: Call, path: Path, hops: number): Untrusted | undefined {
  const name = `${call.module}.${call.name}`;
  const from = reads[name];
  if (from) return { from, at: call };
  if (search.signed && verifying.test(name)) return { from: 'signed', at: call };
  const [first] = call.args;
  if (first && transparent.test(name)) return sourceOf(search, first, [], hops);
  const def = hops > 0 ? calledFunction(search.file, call) : undefined;
  if (!def || def.clauses.length > 4) return undefined;
  return firstOf(
    def.clauses.flatMap((clause) => endsOf(clause.clause.body)),
    (result) => sourceOf(search, result, path, hops - 1),
  );
}

function fromBinding(search: Search, binding: Binding, path: Path, hops: number): Untrusted | undefined {
  const { source } = binding;
  switch (source.from) {
    case 'value':
      return sourceOf(search, source.expr, [...source.path, ...path], hops);
    case 'element':
      return sourceOf(search, source.expr, [], hops);
    case 'message':
      return binding.clause && fromMessage(binding.clause, binding.at);
    case 'parameter':
      return fromParameter(search, source.clause, source.index, [...source.path, ...path], binding, hops);
    default:
      return undefined;
  }
}

const socketTags = /^(?:tcp|udp|ssl|sctp|quic)$/;

/** Data of a message that a socket or a queue's client sends: `{:tcp, socket, data}`, `{:basic_deliver, payload, meta}`. */
function fromMessage({ patterns }: Clause, at: Expr): Untrusted | undefined {
  const [message] = patterns;
  const tuple = message?.kind === 'match' ? (message.pattern.kind === 'tuple' ? message.pattern : message.value) : message;
  const [tag, ...rest] = tuple?.kind === 'tuple' ? tuple.items : [];
  if (tag?.kind !== 'atom') return undefined;
  const data = tag.value === 'basic_deliver' ? rest[0] : rest.at(-1);
  // What stands before the data is the socket, the sender's address, its port.
  if (!data || at.range.start < data.range.start || at.range.end > data.range.end) return undefined;
  if (tag.value === 'basic_deliver') return { from: 'queue', at };
  return socketTags.test(tag.value) && rest.length >= 2 ? { from: 'socket', at } : undefined;
}

function fromParameter(
  search: Search,
  owner: FunctionClause,
  index: number,
  path: Path,
  binding: Binding,
  hops: number,
): Untrusted | undefined {
  const { def, clause } = owner;
  const entry = entryOf(search.file, owner, index, path, binding.at);
  if (entry) return entry;
  if (clause.patterns.length === 2 && index === 0 && def.name === 'handle_info') return fromMessage(clause, binding.at);
  if (hops === 0 || !everyCallSeen(search.file, def)) return undefined;
  return firstOf(callersOf(search.file, def), (call) => {
    const arg = call.args.length === def.arity ? call.args[index] : undefined;
    return arg && sourceOf(search, arg, path, hops - 1);
  });
}

/** Callbacks that are handed what has arrived, by the index of that parameter. */
const entries: Readonly<Record<string, { readonly index: number; readonly from: Untrusted['from']; readonly key?: string }>> = {
  'Phoenix.Channel.handle_in/3': { index: 1, from: 'socket' },
  'Phoenix.Channel.join/3': { index: 1, from: 'socket' },
  'Phoenix.Socket.Transport.handle_in/2': { index: 0, from: 'socket' },
  'Phoenix.LiveView.mount/3': { index: 0, from: 'request' },
  'Phoenix.LiveView.handle_params/3': { index: 0, from: 'request' },
  'Phoenix.LiveView.handle_event/3': { index: 1, from: 'request' },
  'Phoenix.LiveComponent.handle_event/3': { index: 1, from: 'request' },
  'Broadway.handle_message/3': { index: 1, from: 'queue', key: 'data' },
};

/** Where the parameter is what a web server, a channel or a queue hands over. */
function entryOf(file: FileFacts, { def, clause }: FunctionClause, index: number, path: Path, at: Expr): Untrusted | undefined {
  const [step] = path;
  const key = step?.step === 'key' ? step.key : undefined;
  const entry = entries[def.callback ?? ''];
  if (entry) return entry.index === index && (entry.key ?? key) === key ? { from: entry.from, at } : undefined;
  if (index === 0 && /^(?:websocket_handle|handle_in)$/.test(def.name) && def.arity === 2) return { from: 'socket', at };
  if (key !== undefined && requestFields.test(key) && isConnection(clause.patterns[index])) return { from: 'request', at };
  // An action of a controller: `def show(conn, %{"id" => id})`. The second argument of a plug is its options.
  const [first] = clause.patterns;
  if (def.arity !== 2 || index !== 1 || first?.kind !== 'variable' || !/^_?conn$/.test(first.name) || def.kind !== 'def') return undefined;
  const isController = moduleOf(file, at)?.uses.some(({ module }) => /Web$|Controller/.test(module));
  return isController && def.name !== 'call' ? { from: 'request', at } : undefined;
}

function isConnection(pattern: Expr | undefined): boolean {
  if (pattern?.kind === 'match') return isConnection(pattern.pattern) || isConnection(pattern.value);
  if (pattern?.kind === 'variable') return pattern.name === 'conn';
  return pattern?.kind === 'map' && pattern.struct?.kind === 'alias' && pattern.struct.name === 'Plug.Conn';
}

/** The injected grammars within the grammar that Elixir extensions bring, run by what VS Code runs. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import test from 'node:test';
import { createOnigScanner, createOnigString, loadWASM } from 'vscode-oniguruma';
import { type IGrammar, parseRawGrammar, Registry } from 'vscode-textmate';
import { place, readSnippets } from '../support/snippets';

interface Contribution {
  readonly scopeName: string;
  readonly path: string;
  readonly injectTo: readonly string[];
}

const { contributes } = JSON.parse(readFileSync('package.json', 'utf8'));
const injected: readonly Contribution[] = contributes.grammars;
const host = 'node_modules/tm-grammars/grammars/elixir.json';

await loadWASM(readFileSync(createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm')));

/** The host's grammar, with or without ours. */
async function grammar(injections: readonly Contribution[]): Promise<IGrammar> {
  const paths = new Map([['source.elixir', host], ...injections.map((one) => [one.scopeName, one.path] as const)]);
  const registry = new Registry({
    onigLib: Promise.resolve({ createOnigScanner, createOnigString }),
    loadGrammar: async (scope) => {
      const file = paths.get(scope);
      return file === undefined ? null : parseRawGrammar(readFileSync(file, 'utf8'), file);
    },
    getInjections: (scope) => injections.filter(({ injectTo }) => injectTo.includes(scope)).map(({ scopeName }) => scopeName),
  });
  const loaded = await registry.loadGrammar('source.elixir');
  assert.ok(loaded);
  return loaded;
}

const plain = await grammar([]);
const marked = await grammar(injected);

/** Each character with its scopes, without ours. */
function characters(within: IGrammar, text: string): readonly string[] {
  return tokenize(within, text).flatMap(({ text: piece, scopes }) => {
    const theirs = scopes.filter((scope) => !/\.distributed\.|\.netsplit$/.test(scope)).join(' ');
    return [...piece].map((character) => `${character} ${theirs}`);
  });
}

interface Piece {
  readonly text: string;
  readonly scopes: readonly string[];
}

/** The text in pieces of one scope each. */
function tokenize(within: IGrammar, text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let state = null as Parameters<IGrammar['tokenizeLine']>[1];
  for (const line of text.split('\n')) {
    const { tokens, ruleStack } = within.tokenizeLine(line, state);
    state = ruleStack;
    for (const { startIndex, endIndex, scopes } of tokens) pieces.push({ text: line.slice(startIndex, endIndex), scopes });
  }
  return pieces;
}

/** What stands under a scope of ours, in the order of the text. */
function under(scope: string, text: string): readonly string[] {
  let last: Piece | undefined;
  const found: string[] = [];
  for (const piece of tokenize(marked, text)) {
    const isUnder = piece.scopes.some((one) => one === scope || one.startsWith(`${scope}.`));
    // The colon of an atom is a piece of its own.
    if (isUnder) found.push(last?.text === ':' && found.at(-1) === ':' ? `${found.pop()}${piece.text}` : piece.text);
    last = piece;
  }
  return found;
}

const modules = (text: string) => under('support.class.distributed', text);
const functions = (text: string) => under('support.function.distributed', text);

test('calls of what works across nodes are marked', () => {
  const text = `:global.register_name(:leader, self(), &:global.random_notify_name/3)
:erpc.call(node, Stock, :count, [sku], 5_000) |> :ra.process_command()
Enum.map(Node.list(), &Node.ping/1)
Horde.DynamicSupervisor.start_child(MyApp.Processes, child)
DeltaCrdt.put(crdt, key, value)
GenServer.multi_call(Node.list([:this, :visible]), Stock, :count)
Phoenix.PubSub.broadcast!(MyApp.PubSub, topic, message)`;
  assert.deepEqual(modules(text), [
    ...[':global', ':global', ':erpc', ':ra', 'Node', 'Node', 'Horde', 'DynamicSupervisor'],
    ...['DeltaCrdt', 'GenServer', 'Node', 'Phoenix', 'PubSub'],
  ]);
  assert.deepEqual(functions(text), [
    ...['register_name', 'random_notify_name', 'call', 'process_command', 'list', 'ping', 'start_child'],
    ...['put', 'multi_call', 'list', 'broadcast!'],
  ]);
});

test('names in the cluster, behaviours and children are marked', () => {
  assert.deepEqual(modules('GenServer.start_link(__MODULE__, [], name: {:global, __MODULE__})'), [':global']);
  assert.deepEqual(modules('def via(key), do: {:via, Horde.Registry, {MyApp.Registry, key}}'), ['Horde', 'Registry']);
  assert.deepEqual(modules('name = {:via, :syn, {:users, id}}'), [':syn']);
  assert.deepEqual(modules('  @behaviour :ra_machine'), [':ra_machine']);
  assert.deepEqual(modules('  alias Horde.{Registry, DynamicSupervisor}'), ['Horde']);
  assert.deepEqual(modules('{DeltaCrdt, crdt: DeltaCrdt.AWLWWMap, name: Carts}'), ['DeltaCrdt', 'DeltaCrdt', 'AWLWWMap']);
  assert.deepEqual(modules('strategy: Cluster.Strategy.Kubernetes.DNSSRV,'), ['Cluster', 'Strategy', 'Kubernetes', 'DNSSRV']);
  assert.deepEqual(modules('Logger.info("#{inspect(Node.list())} of #{:pg.which_groups() |> length()}")'), ['Node', ':pg']);
});

test('what looks alike is left alone', () => {
  for (const text of [
    'MyApp.Node.list()',
    '%Node{value: 1}',
    'Node.new(value)',
    'MyApp.Horde.Registry.lookup(key)',
    'defmodule Horde.DynamicSupervisor do',
    'GenServer.call(server, :count)',
    'Nodes.list()',
    '[global: true, rpc: :ra]',
    'if mode == :global, do: :rpc',
    'state.Node',
    ':global_value.get()',
    ':rabbit.status()',
    'Registry.lookup(registry, key)',
  ]) {
    assert.deepEqual([...modules(text), ...functions(text)], [], text);
  }
});

test('nothing within strings, comments, documentation and sigils is marked', () => {
  for (const text of [
    '"call :global.register_name or Node.list()"',
    "'Node.list()'",
    '~s(Node.list\\(\\))',
    '~w[:ra.members DeltaCrdt]',
    ':"Node.list()"',
    '"""\nNode.list()\n"""',
    '# Node.list() and :ra.members(id)',
    '@moduledoc """\nHorde.Registry and `:mnesia.transaction/1`\n"""',
    '@doc "Node.list()"',
    '"#{inspect("Node.list()")}"',
  ]) {
    assert.deepEqual([...modules(text), ...functions(text)], [], text);
  }
});

test('every token keeps the scopes of its Elixir extension, below ours', () => {
  const examples = readdirSync('examples', { recursive: true, encoding: 'utf8' }).filter((file) => /\.exs?$/.test(file));
  const texts = [
    ...examples.map((file) => readFileSync(path.join('examples', file), 'utf8')),
    ...readSnippets().flatMap((snippet) => place(snippet).map(({ text }) => text)),
    'case Horde.Registry.lookup(r, k) do\n  [] -> Node.self()\n  [{pid, _}] when node(pid) != :x -> :rpc.call(node(pid), A, :b, [])\nend',
  ];
  for (const text of texts) {
    const without = characters(plain, text);
    const changed = characters(marked, text).filter((character, i) => character !== without[i]);
    assert.deepEqual(changed, []);
  }
});

test('a comment that turns a rule off shows what it does, which rules it names, and where the reason begins', () => {
  const text = '  # netsplit:disable-for-next-line clock-wall-elapsed, rpc-in-loop -- the log shows -- wall-clock time';
  assert.deepEqual(under('keyword.other.directive.netsplit', text), ['netsplit:disable-for-next-line']);
  assert.deepEqual(under('variable.other.constant.rule.netsplit', text), ['clock-wall-elapsed', 'rpc-in-loop']);
  assert.deepEqual(under('punctuation.separator.reason.netsplit', text), ['--']);
  assert.ok(
    tokenize(marked, text)
      .slice(1)
      .every(({ scopes }) => scopes.some((scope) => scope.startsWith('comment.line'))),
  );
  for (const instruction of ['disable-for-this-line', 'disable-for-this-file', 'disable-for-lines:3']) {
    assert.deepEqual(under('keyword.other.directive.netsplit', `x = 1 # netsplit:${instruction} rpc-in-loop`), [`netsplit:${instruction}`]);
    assert.deepEqual(under('variable.other.constant.rule.netsplit', `## netsplit:${instruction} rpc-in-loop`), ['rpc-in-loop']);
  }
});

test('a comment that turns nothing off looks like any other', () => {
  for (const text of [
    '# netsplit:disable-for-next-lin rpc-in-loop',
    '# netsplit:disable-for-next-line',
    '# netsplit:disable-for-next-line -- no rule is named',
    '# netsplit:disable-for-lines rpc-in-loop',
    '# see netsplit:disable-for-next-line rpc-in-loop',
    '"# netsplit:disable-for-next-line rpc-in-loop"',
    '@doc """\n# netsplit:disable-for-next-line rpc-in-loop\n"""',
  ]) {
    assert.deepEqual(tokenize(marked, text), tokenize(plain, text), text);
  }
});

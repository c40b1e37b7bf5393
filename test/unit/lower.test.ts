import assert from 'node:assert/strict';
import test from 'node:test';
import type { Expr } from '../../core/elixir/ir';
import { children } from '../../core/elixir/ir';
import { createExtractor } from '../../core/facts/extract';
import { callsTo, type FileFacts } from '../../core/facts/facts';

const extract = await createExtractor();
const facts = (text: string): FileFacts => extract('lib/example.ex', text);

/** `Module.function/arity` of every call, in the order of the text. */
function calls(text: string): string[] {
  return [...facts(text).calls.values()]
    .flat()
    .sort((a, b) => a.range.start - b.range.start || a.id - b.id)
    .map((c) => `${c.module ?? '?'}.${c.name}/${c.args.length}`);
}

/** An expression in a compact form. */
function print(e: Expr): string {
  switch (e.kind) {
    case 'atom':
      return `:${e.value}`;
    case 'alias':
    case 'variable':
      return e.name;
    case 'integer':
    case 'float':
      return String(e.value);
    case 'binary':
      return `(${print(e.left)} ${e.operator} ${print(e.right)})`;
    case 'call':
      return `${e.module ?? '?'}.${e.name}(${e.args.map(print).join(', ')})`;
    case 'string':
      return `"${e.parts.map((p) => (typeof p === 'string' ? p : `#{${print(p)}}`)).join('')}"`;
    case 'capture':
      return `&${e.module ?? '?'}.${e.name}/${e.arity}`;
    default:
      return `${e.kind}[${children(e).map(print).join(', ')}]`;
  }
}

test('names of modules: aliases in every form, nesting, __MODULE__, Erlang modules', () => {
  assert.deepEqual(
    calls(`
      defmodule App.Cluster do
        alias App.Time
        alias App.Deep.{One, Two.Three}
        alias GenServer, as: Server
        alias __MODULE__.State
        require Logger, as: L

        def a do
          Time.diff(1, 2)
          One.f()
          Three.g()
          Server.call(1, 2)
          State.new()
          L.info("x")
          __MODULE__.b()
          :rpc.call(n, M, :f, [])
          Elixir.Enum.map([], f)
        end

        def b, do: :ok

        defmodule Inner do
          def c, do: Inner.d()
        end

        def d, do: Inner.c()
      end`),
    [
      'App.Time.diff/2',
      'App.Deep.One.f/0',
      'App.Deep.Two.Three.g/0',
      'GenServer.call/2',
      'App.Cluster.State.new/0',
      'Logger.info/1',
      'App.Cluster.b/0',
      ':rpc.call/4',
      'Enum.map/2',
      'App.Cluster.Inner.d/0',
      'App.Cluster.Inner.c/0',
    ],
  );
});

test('an alias ends with the function or block in which it stands', () => {
  assert.deepEqual(
    calls(`
      defmodule A do
        def a do
          alias App.Time
          Time.now()
        end

        def b, do: Time.now()
      end`),
    ['App.Time.now/0', 'Time.now/0'],
  );
});

test('pipes count the left side, into calls, case, then and captures', () => {
  assert.deepEqual(calls('peer |> :rpc.call(M, :f, []) |> Enum.count'), [':rpc.call/4', 'Enum.count/1']);
  const [outer] = [facts('x |> f() |> case do\n  1 -> :one\nend').script];
  assert.equal(outer?.kind, 'case');
  assert.deepEqual(calls('Enum.each(nodes, &Node.connect(&1))'), ['Enum.each/2', 'Node.connect/1']);
  const capture = facts('Enum.map(xs, &:rpc.call/4)').captures.get(':rpc.call');
  assert.equal(capture?.[0]?.arity, 4);
});

test('imports, apply/3, calls without parentheses, default arguments, delegates', () => {
  assert.deepEqual(calls('defmodule A do\n import Foo, only: [bar: 1]\n def f, do: bar(1)\nend'), ['Foo.bar/1']);
  assert.deepEqual(calls('apply(:rpc, :call, [n, M, :f, []])'), [':rpc.call/4']);
  assert.deepEqual(calls('defmodule A do\n def f(p), do: send p, :hi\nend'), ['Kernel.send/2']);
  assert.deepEqual(calls('defmodule A do\n def f(a, b \\\\ 1), do: a + b\n def g, do: f(1)\nend'), ['A.f/1']);
  assert.deepEqual(calls('defmodule A do\n defdelegate call(a, b), to: GenServer\nend'), ['GenServer.call/2']);
  assert.deepEqual(calls('defmodule A do\n @store Store\n def f(k), do: @store.get(k)\nend'), ['Store.get/1']);
});

test('a local function hides what Kernel or a library calls so', () => {
  assert.deepEqual(calls('defmodule A do\n def f, do: send(1, 2)\n def send(a, b), do: {a, b}\nend'), ['A.send/2']);
  assert.deepEqual(calls('defmodule A do\n def f, do: leader_dead?\n defp leader_dead?, do: true\nend'), ['A.leader_dead?/0']);
});

test('what is not code is not a fact', () => {
  assert.deepEqual(
    calls(`
      defmodule A do
        @moduledoc """
            :rpc.call(n, M, :f, [])
        """
        @doc "Node.list()"
        @spec f(integer) :: Node.t()
        # Node.connect(:x)
        def f(x), do: "Node.list()"

        defmacro __using__(_) do
          quote do
            def g, do: Node.list()
          end
        end
      end`),
    [],
  );
});

test('interpolated code is code', () => {
  assert.deepEqual(calls('"took #{System.os_time()} ms"'), ['System.os_time/0']);
});

test('operators, updates, improper lists and sigils', () => {
  const shape = (text: string): string => print(facts(text).script);
  assert.equal(shape('a >= div(n, 2) + 1'), '(a >= (Kernel.div(n, 2) + 1))');
  assert.equal(shape('[h | t]'), 'list[h, t]');
  assert.equal(shape('%{s | a: 1}'), 'map[s, pair[:a, 1]]');
  assert.equal(shape('~w(a b)a'), 'list[:a, :b]');
  assert.equal(shape('-1'), '-1');
  assert.equal(shape('a not in b'), '(a not in b)');
  assert.equal(shape(':"foo bar"'), ':foo bar');
});

test('unless is if with its branches swapped', () => {
  const e = facts('unless a, do: 1, else: 2').script;
  assert.equal(e.kind === 'if' && e.consequent?.kind === 'integer' && e.consequent.value, 2);
});

test('functions: clauses, defaults, guards, callbacks, one module per type of an implementation', () => {
  const file = facts(`
    defmodule A do
      use GenServer
      def init(x), do: {:ok, x}
      def handle_call({:a, b}, _from, s) when is_list(b) do
        {:reply, b, s}
      end
      def handle_call(:c, _from, s), do: {:reply, :c, s}
      def other(a, b \\\\ 2)
      def other(a, b), do: a + b
    end

    defimpl String.Chars, for: [A, B] do
      def to_string(_), do: ""
    end`);
  const [a] = file.modules;
  assert.deepEqual(
    a?.functions.map((f) => [`${f.name}/${f.minArity}-${f.arity}`, f.clauses.length, f.callback]),
    [
      ['init/1-1', 1, 'GenServer.init/1'],
      ['handle_call/3-3', 2, 'GenServer.handle_call/3'],
      ['other/1-2', 1, undefined],
    ],
  );
  assert.deepEqual(
    file.modules.map((m) => m.name),
    ['A', 'String.Chars.A', 'String.Chars.B'],
  );
});

test('ranges count UTF-16 units, also after characters that take two', () => {
  const text = '"👩‍👩‍👧‍👦🎉"\nNode.connect(n)';
  const [call] = callsTo(facts(text), ['Node.connect/1']);
  assert.equal(call && text.slice(call.callee.start, call.callee.end), 'Node.connect');
});

test('a byte order mark, Windows line ends and tabs shift nothing', () => {
  const text = '\ufeffdefmodule A do\r\n\tdef f, do: Node.list()\r\nend\r\n';
  const [call] = callsTo(facts(text), ['Node.list/0']);
  assert.equal(call && text.slice(call.range.start, call.range.end), 'Node.list()');
  assert.equal(facts(text).modules[0]?.name, 'A');
});

test('broken source loses what is broken, and keeps its neighbours', () => {
  const file = facts('defmodule A do\n  def f do\n    Node.list(\n  end\n\n  def g, do: Node.self()\nend\n');
  assert.equal(file.broken, true);
  assert.ok(file.modules.length === 1);
  for (const text of ['', 'def', 'defmodule', 'defmodule A', 'fn ->', '%{', '@', '&', '|> f', 'case do', 'x |>', '\u0000', '"#{'])
    facts(text);
});

test('nesting of fifty thousand levels neither overflows nor throws', () => {
  const depth = 50_000;
  for (const text of [
    `${'['.repeat(depth)}1${']'.repeat(depth)}`,
    `${'f('.repeat(depth)}1${')'.repeat(depth)}`,
    '('.repeat(depth),
    `x = ${'1 + '.repeat(depth)}1`,
    `x${' |> f()'.repeat(depth)}`,
    `${'if a do\n'.repeat(depth)}${'end\n'.repeat(depth)}`,
  ]) {
    const file = facts(`${text}\nNode.list()`);
    assert.ok(file.exprs.length > 0);
    assert.ok(file.parents.length === file.exprs.length);
  }
});

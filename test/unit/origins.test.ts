import assert from 'node:assert/strict';
import test from 'node:test';
import type { Expr } from '../../core/elixir/ir';
import { createExtractor } from '../../core/facts/extract';
import { callsTo, type FileFacts } from '../../core/facts/facts';
import { fieldWrites, type Origin, originsOf } from '../../core/facts/origins';
import { hasRealRequester, protectionOf } from '../../core/facts/protection';
import { definitionOf, dependsOn, precedes, sameValue } from '../../core/facts/values';

const extract = await createExtractor();

/** An origin in words, as the tests below write it. */
function describe(o: Origin): string {
  switch (o.kind) {
    case 'clock':
      return `${o.clock} clock${o.shifted ? ' shifted' : ''}`;
    case 'duration':
      return `${o.clock} duration`;
    case 'nodes':
      return ['nodes', ...(o.self ? ['self'] : []), ...(o.counted ? ['counted'] : []), ...(o.part ? ['part'] : [])].join(' ');
    case 'remote':
      return `${o.via}${o.path.length > 0 ? ' part' : ''}`;
    case 'parameter':
      return `parameter ${o.index}${o.path.map((s) => (s.step === 'key' ? `.${s.key}` : `[${s.step}]`)).join('')}`;
    case 'field':
      return `field ${o.name}`;
    case 'call':
      return `call ${o.at.name}`;
    default:
      return o.kind;
  }
}

/** Checks every line `# ^^^ origin, origin` against the expression under the carets; more than one expression may have the range: the innermost counts. */
function check(text: string): void {
  const file = extract('lib/example.ex', text);
  const lines = text.split('\n');
  let offset = 0;
  let before = 0;
  let checked = 0;
  for (const line of lines) {
    const marker = /^(\s*#\s*)(\^+) (.+)$/.exec(line);
    if (marker) {
      const [, lead, carets, expected] = marker as unknown as [string, string, string, string];
      const start = before + lead.length;
      const e = at(file, start, start + carets.length);
      assert.ok(e, `no expression under the carets: ${line}`);
      assert.deepEqual(
        [...new Set(originsOf(file, e).map(describe))].sort(),
        expected.split(', ').sort(),
        `${line}\n${text.slice(start, start + carets.length)}`,
      );
      checked++;
    } else before = offset;
    offset += line.length + 1;
  }
  assert.ok(checked > 0, 'a test without carets tests nothing');
}

function at(file: FileFacts, start: number, end: number): Expr | undefined {
  return file.exprs.find((e) => e.range.start === start && e.range.end === end);
}

test('clocks: through variables, units, helpers and arithmetic', () => {
  check(`
defmodule A do
  def f(msg) do
    start = System.system_time(:millisecond)
    work(start)
    #    ^^^^^ wall clock
    later = div(start, 1000) + 30
    keep(later)
    #    ^^^^^ wall clock shifted
    took = System.system_time(:millisecond) - start
    log(took)
    #   ^^^^ wall duration
    age = System.system_time(:millisecond) - msg.sent_at
    log(age)
    #   ^^^ unknown
    log(now())
    #   ^^^^^ monotonic clock
    log(DateTime.to_unix(DateTime.add(DateTime.utc_now(), 5)))
    #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ wall clock shifted
  end

  defp now, do: System.monotonic_time()
end`);
});

test('branches are joined by union, bindings stay in their branch', () => {
  check(`
def f(x) do
  t = if x, do: System.monotonic_time(), else: System.os_time()
  log(t)
  #   ^ monotonic clock, wall clock
  v = 1
  case x do
    1 ->
      v = System.os_time()
      log(v)
      #   ^ wall clock

    _ ->
      log(v)
      #   ^ constant
  end

  log(v)
  #   ^ constant
end`);
});

test('destructuring takes the part that is bound', () => {
  check(`
def f(opts) do
  {a, [b | _]} = {System.os_time(), [node(), :x]}
  log(a)
  #   ^ wall clock
  log(b)
  #   ^ this-node
  %{ttl: ttl} = opts
  log(ttl)
  #   ^^^ parameter 0.ttl
  log(opts.ttl)
  #   ^^^^^^^^ parameter 0.ttl
end`);
});

test('visible nodes: with and without this node, counted, filtered', () => {
  check(`
def f do
  others = Node.list()
  log(others)
  #   ^^^^^^ nodes
  all = [node() | Node.list()]
  log(length(all))
  #   ^^^^^^^^^^^ nodes self counted
  log(Node.list([:this, :visible]))
  #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ nodes self
  log(Enum.count(others) + 1)
  #   ^^^^^^^^^^^^^^^^^^^^^^ nodes self counted
  log(Enum.filter(others, &ok?/1))
  #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^ nodes part
  for n <- others do
    log(n)
    #   ^ nodes part
  end
  others |> Enum.sort() |> hd() |> log()
end`);
});

test('parameters: a private function knows what its calls pass, a public one only adds it', () => {
  check(`
defmodule A do
  def run, do: loop(System.os_time(), 3)

  defp loop(started, left) do
    log(started)
    #   ^^^^^^^ wall clock
    loop(started, left - 1)
  end

  def public(t) do
    log(t)
    #   ^ monotonic clock, parameter 0
  end

  def other, do: public(System.monotonic_time())
end`);
});

test('answers of other nodes keep where they come from', () => {
  check(`
def f(n) do
  r = :rpc.call(n, M, :f, [])
  log(r)
  #   ^ rpc
  {:ok, v} = :erpc.call(n, M, :f, [], 5_000)
  log(v)
  #   ^ erpc part
  log(Application.get_env(:app, :size))
  #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ setting
  log(Unknown.thing(n))
  #   ^^^^^^^^^^^^^^^^ call thing
end`);
});

test('fields of state are gathered over the module, patterns are not writes', () => {
  const file = extract(
    'a.ex',
    `defmodule A do
  use GenServer
  def init(_), do: {:ok, %{seen: System.os_time(), n: 0}}
  def handle_cast(:a, %{seen: old} = s), do: {:noreply, %{s | seen: DateTime.utc_now()}}
  def handle_cast(:b, s), do: {:noreply, Map.put(s, :seen, nil)}
end`,
  );
  const anywhere = callsTo(file, ['System.os_time'])[0]!;
  assert.deepEqual(
    fieldWrites(file, anywhere, 'seen').map((e) => file.text.slice(e.range.start, e.range.end)),
    ['System.os_time()', 'DateTime.utc_now()', 'nil'],
  );
});

test('what a value depends on, and what happens before what', () => {
  const file = extract(
    'a.ex',
    `def f(k) do
  case :ets.lookup(:t, k) do
    [{_, n}] -> :ets.insert(:t, {k, n + 1})
    [] -> :ets.insert(:t, {k, compute()})
  end
end`,
  );
  const [read] = callsTo(file, [':ets.lookup']);
  const [found, missing] = callsTo(file, [':ets.insert']);
  assert.ok(read && found && missing);
  assert.equal(dependsOn(file, found.args[1]!, read), true);
  assert.equal(dependsOn(file, missing.args[1]!, read), false);
  assert.equal(precedes(file, read, found), true);
  assert.equal(precedes(file, found, read), false);
  assert.equal(precedes(file, found, missing), false);
  assert.equal(sameValue(file, read.args[1]!, (found.args[1] as Extract<Expr, { kind: 'tuple' }>).items[0]!), true);
});

test('a name that is bound again is another value', () => {
  const file = extract('a.ex', 'def f(k) do\n  get(k)\n  k = next(k)\n  put(k)\nend');
  const [get] = [...file.calls.values()].flat().filter((c) => c.name === 'get');
  const [put] = [...file.calls.values()].flat().filter((c) => c.name === 'put');
  assert.equal(sameValue(file, get!.args[0]!, put!.args[0]!), false);
});

test('definitions are followed through variables, attributes and functions', () => {
  const file = extract(
    'a.ex',
    'defmodule A do\n  @n 5\n  def f do\n    q = quorum()\n    use_it(q)\n  end\n  defp quorum, do: div(@n, 2)\nend',
  );
  const [call] = [...file.calls.values()].flat().filter((c) => c.name === 'use_it');
  const definition = definitionOf(file, call!.args[0]!);
  assert.equal(file.text.slice(definition.range.start, definition.range.end), 'div(@n, 2)');
});

test('protection: transactions, real locks, the one process that runs the code', () => {
  const protectedBy = (body: string, around = 'def f(k) do\nBODY\nend'): string | undefined => {
    const file = extract('a.ex', `defmodule A do\n  use GenServer\n${around.replace('BODY', body)}\nend`);
    const [write] = callsTo(file, [':ets.insert']);
    return protectionOf(file, write!)?.kind;
  };
  const write = ':ets.insert(:t, {k, 1})';
  assert.equal(protectedBy(write), undefined);
  assert.equal(protectedBy(`:mnesia.transaction(fn -> ${write} end)`), 'transaction');
  assert.equal(protectedBy(`:global.trans({k, self()}, fn -> ${write} end)`), 'lock');
  assert.equal(protectedBy(`:global.trans({:lock, :all}, fn -> ${write} end)`), undefined);
  assert.equal(protectedBy(write, 'def handle_call({:put, k}, _from, s) do\nBODY\n{:reply, :ok, s}\nend'), 'process');
  assert.equal(protectedBy(write, 'def handle_cast(k, s), do: {:noreply, put(s, k)}\ndefp put(s, k) do\nBODY\ns\nend'), 'process');
});

test('a requester of a global lock that is the same for everybody is none', () => {
  const real = (id: string): boolean => {
    const file = extract(
      'a.ex',
      `def f(table, owner_pid) do\n  me = self()\n  :global.trans(${id}, fn -> log(me, table, owner_pid) end)\nend`,
    );
    return hasRealRequester(file, callsTo(file, [':global.trans'])[0]!);
  };
  assert.deepEqual(['{:a, self()}', '{:a, me}', '{:a, owner_pid}', '{:a, {node(), self()}}', '{:a, node()}', 'id()'].map(real), [
    true,
    true,
    true,
    true,
    true,
    true,
  ]);
  assert.deepEqual(['{:a, :b}', '{__MODULE__, table}', '{:a, "x"}', '{:a, @name}'].map(real), [false, false, false, true]);
});

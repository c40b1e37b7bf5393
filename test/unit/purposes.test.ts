import assert from 'node:assert/strict';
import test from 'node:test';
import { differencesIn } from '../../core/facts/clocks';
import { createExtractor } from '../../core/facts/extract';
import { purposeOf } from '../../core/facts/purposes';
import { lint } from '../../core/linter';
import { buildProject } from '../../core/project/build';
import { rules } from '../../core/rules';

const extract = await createExtractor();

/** What the one difference in the body of a function is for; `helpers` stand beside it. */
function purposeIn(body: string, helpers = ''): string | undefined {
  const file = extract('lib/a.ex', `defmodule A do\n  def run(a, b, x) do\n    ${body}\n  end\n${helpers}\nend`);
  const [difference, ...others] = differencesIn(file);
  assert.ok(difference && others.length === 0, body);
  return purposeOf(file, difference.expr);
}

for (const body of [
  'Logger.info("took #{a - b} ms")',
  'ms = div(a - b, 1000)\n    Logger.debug("took " <> Integer.to_string(ms))\n    x',
  ':telemetry.execute([:app, :run], %{duration: a - b}, %{})',
  'measured = %{duration: a - b}\n    :telemetry.execute([:app, :run], measured)',
  'Shop.Metrics.observe(:run, a - b)',
  'if a - b > 1000, do: Logger.warning("slow")',
  'x = if a - b > 1000, do: "slow", else: "fast"\n    IO.puts(x)',
  'case x do\n      n when a - b > n -> "late"\n      _ -> "in time"\n    end',
  'IO.puts(format_ms(a - b))',
]) {
  test(`a difference is only shown: ${body.replace(/\s+/g, ' ')}`, () => assert.equal(purposeIn(body), 'shown'));
}

test('a difference is only shown by a function that makes a text of it', () => {
  assert.equal(
    purposeIn('text(a - b)', '  defp text(ms) when ms > 1000, do: "#{div(ms, 1000)} s"\n  defp text(ms), do: "#{ms} ms"'),
    'shown',
  );
});

for (const body of [
  'if a - b > 1000, do: retry(x)',
  'left = x - (a + 1)\n    left <= 0',
  'Process.send_after(self(), :tick, a - b)',
  'cond do\n      a - b > x -> :reconnect\n      true -> :healthy\n    end',
  'case a - b do\n      0 -> :same\n      _ -> :later\n    end',
  'receive do\n      :go -> :ok\n    after\n      a - b -> :timeout\n    end',
]) {
  test(`something depends on a difference: ${body.replace(/\s+/g, ' ')}`, () => assert.equal(purposeIn(body), 'decides'));
}

for (const body of ['{:ok, a - b}', 'Shop.record(x, a - b)', '%{x | age: a - b}']) {
  test(`what a difference is for is not seen: ${body}`, () => assert.equal(purposeIn(body), undefined));
}

for (const [body, severity] of [
  ['Logger.info("took #{System.os_time() - started}")', 'info'],
  ['if System.os_time() - started > 5000, do: :timeout, else: :ok', 'error'],
  ['Shop.record(System.os_time() - started)', 'warning'],
] as const) {
  test(`with OTP 27 a time measured with the wall clock is ${severity}: ${body}`, () => {
    const text = `defmodule A do\n  def run(fun) do\n    started = System.os_time()\n    fun.()\n    ${body}\n  end\nend`;
    const file = extract('lib/a.ex', text);
    const project = buildProject({ root: '/shop', texts: new Map([['.tool-versions', 'erlang 27.1\nelixir 1.17.3\n']]), facts: [file] });
    const { findings } = lint(file, { rules, context: { project, rpcWrappers: [] }, levelOf: (rule) => rule.severity });
    assert.deepEqual(
      findings.map((finding) => [finding.rule.id, finding.severity]),
      [['clock-wall-elapsed', severity]],
    );
  });
}

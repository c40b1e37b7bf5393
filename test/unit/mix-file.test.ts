/** Packages written into a mix.exs. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { dependenciesEdit } from '../../core/design/mix-file';
import { applyEdits } from '../../core/text';

const ra = { name: 'ra', requirement: '~> 3.1' };
const telemetry = { name: 'telemetry', requirement: '~> 1.0' };

function mix(deps: string, eol = '\n'): string {
  return `defmodule Shop.MixProject do
  use Mix.Project

  # deps do [ in a comment
  def project do
    [app: :shop, version: "0.1.0", deps: deps()]
  end

  defp deps do
${deps}
  end
end
`.replaceAll('\n', eol);
}

function added(text: string): string | undefined {
  const made = dependenciesEdit(text, [ra, telemetry]);
  return made && (made.edit ? applyEdits(text, [made.edit]) : text);
}

const cases: readonly { readonly title: string; readonly before: string; readonly after: string }[] = [
  { title: 'an empty list', before: '    []', after: '    [\n      {:ra, "~> 3.1"},\n      {:telemetry, "~> 1.0"}\n    ]' },
  {
    title: 'a list on one line',
    before: '    [{:plug, "~> 1.0"}]',
    after: '    [{:plug, "~> 1.0"}, {:ra, "~> 3.1"}, {:telemetry, "~> 1.0"}]',
  },
  {
    title: 'a list on several lines, with brackets in strings and comments',
    before:
      '    [\n      {:plug, "~> 1.0 ]"}, # not ] here\n      # {:ra, "~> 2.0"},\n      {:jason, "~> 1.4", only: [:dev, :test]} # last\n      # {:later, "1"}\n    ]',
    after:
      '    [\n      {:plug, "~> 1.0 ]"}, # not ] here\n      # {:ra, "~> 2.0"},\n      {:jason, "~> 1.4", only: [:dev, :test]}, # last\n      {:ra, "~> 3.1"},\n      {:telemetry, "~> 1.0"}\n      # {:later, "1"}\n    ]',
  },
  {
    title: 'one of them is there',
    before: '    [\n      {:ra, "2.7.0"},\n      {:plug, "~> 1.0"}\n    ]',
    after: '    [\n      {:ra, "2.7.0"},\n      {:plug, "~> 1.0"},\n      {:telemetry, "~> 1.0"}\n    ]',
  },
  {
    title: 'the bracket closes behind the last entry',
    before: '    [\n      {:plug, "~> 1.0"}]',
    after: '    [\n      {:plug, "~> 1.0"},\n      {:ra, "~> 3.1"},\n      {:telemetry, "~> 1.0"}\n]',
  },
];

for (const { title, before, after } of cases) {
  for (const [name, eol] of Object.entries({ LF: '\n', CRLF: '\r\n' })) {
    test(`packages are added to mix.exs: ${title}, ${name}`, () => {
      assert.equal(added(mix(before, eol)), mix(after, eol));
    });
  }
}

test('packages that are there stay as they are', () => {
  const text = mix('    [{:ra, "~> 2.0"}, {:telemetry, "~> 1.2"}]');
  assert.deepEqual(dependenciesEdit(text, [ra, telemetry]), { present: ['ra', 'telemetry'] });
});

test('a list under deps: is found, and where there is none nothing is edited', () => {
  assert.equal(
    added('[app: :shop, deps: [{:plug, "1.0"}]]'),
    '[app: :shop, deps: [{:plug, "1.0"}, {:ra, "~> 3.1"}, {:telemetry, "~> 1.0"}]]',
  );
  for (const text of ['', 'defp deps do\n  base() ++ []\nend', 'defp deps do\n  [{:plug, "1.0"}', 'defp deps_of(x) do\n []\nend']) {
    assert.equal(dependenciesEdit(text, [ra]), undefined, text);
  }
});

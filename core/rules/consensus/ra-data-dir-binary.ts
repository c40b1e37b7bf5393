import { type Expr, keywordValue } from '../../elixir/ir';
import { bindingOf, usesOf } from '../../facts/bindings';
import { callsTo, type FileFacts, textOf } from '../../facts/facts';
import { definitionOf } from '../../facts/values';
import { replace, safeWhereItFits } from '../../fix';
import { configIn } from '../../project/config';
import type { Fix, Rule } from '../../rule';

export default {
  id: 'ra-data-dir-binary',
  summary: 'The data directory of `:ra` is a binary, not a charlist.',
  category: 'availability',
  severity: 'error',
  fixable: 'safe',
  rationale: `
    \`:ra\` keeps the names of its servers in a DETS table, and DETS takes file names as charlists only. With \`data_dir: "/var/lib/shop/ra"\` the
    system does not start. Nothing says why: \`:ra_system.start_default/0\` answers an error that is mostly ignored, and the cluster is
    \`:cluster_not_formed\`. Tried with 2.2, 2.14 and 3.1.

    Reported for what is certainly a binary: a string, a path that is joined or read from the environment. The fix writes a string as
    \`~c"…"\`, and puts \`String.to_charlist/1\` around anything else.`,
  references: ['https://hexdocs.pm/ra/ra_system.html', 'https://www.erlang.org/doc/apps/stdlib/dets.html#open_file/2'],
  examples: [
    {
      title: 'A string in the configuration',
      path: 'config/config.exs',
      bad: `
        import Config

        config :ra, data_dir: "/var/lib/shop/ra"
        #                     ^^^^^^^^^^^^^^^^^^`,
      good: `
        import Config

        config :ra, data_dir: ~c"/var/lib/shop/ra"`,
    },
    {
      title: 'From the environment',
      path: 'config/runtime.exs',
      bad: `
        import Config

        config :ra, data_dir: System.fetch_env!("RA_DIR")
        #                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^`,
      good: `
        import Config

        config :ra, data_dir: String.to_charlist(System.fetch_env!("RA_DIR"))`,
    },
    {
      title: 'When it is started',
      bad: `
        def start(root) do
          :ra.start_in(Path.join(root, "ra"))
          #            ^^^^^^^^^^^^^^^^^^^^^
        end`,
      good: `
        def start(root) do
          :ra.start_in(String.to_charlist(Path.join(root, "ra")))
        end`,
    },
    {
      title: 'A system of its own',
      bad: `
        def start do
          dir = "/var/lib/shop/ra"
          #     ^^^^^^^^^^^^^^^^^^
          :ra_system.start(%{name: :shop, names: :ra_system.derive_names(:shop), data_dir: dir})
        end`,
      good: `
        def start do
          dir = ~c"/var/lib/shop/ra"
          :ra_system.start(%{name: :shop, names: :ra_system.derive_names(:shop), data_dir: dir})
        end`,
    },
    {
      title: 'The string is needed, too',
      bad: `
        def start(name) do
          dir = Path.join("/var/lib", name)
          File.mkdir_p!(dir)
          :ra.start(data_dir: dir)
          #                   ^^^
        end`,
      good: `
        def start(name) do
          dir = Path.join("/var/lib", name)
          File.mkdir_p!(dir)
          :ra.start(data_dir: String.to_charlist(dir))
        end`,
    },
    {
      title: 'Charlists',
      path: 'config/runtime.exs',
      good: `
        import Config

        config :ra,
          data_dir: ~c"/var/lib/shop/ra",
          wal_data_dir: System.fetch_env!("WAL_DIR") |> String.to_charlist()`,
    },
    { title: 'Not known here', good: ':ra.start_in(dir)' },
  ],
  triggers: { words: ['data_dir', 'wal_data_dir', 'start_in'] },

  *check(file) {
    const seen = new Set<number>();
    for (const given of directories(file)) {
      if (!isBinary(definitionOf(file, given)) || seen.has(given.id)) continue;
      seen.add(given.id);
      const at = whereMade(file, given);
      yield {
        range: at.range,
        message: '`:ra` opens its files with DETS, which takes no binaries: the system does not start. Pass a charlist.',
        fix: asCharlist(file, at),
      };
    }
  },
} satisfies Rule;

const keys = ['data_dir', 'wal_data_dir'];

/** What is given as a directory of `:ra`: in configuration, on a start, in a call that sets it. */
function directories(file: FileFacts): readonly Expr[] {
  const configured = configIn(file).filter((entry) => entry.app === 'ra' && entry.keys.length === 1 && keys.includes(entry.keys[0] ?? ''));
  const started = callsTo(file, [':ra.start_in/1']).flatMap((call) => call.args[0] ?? []);
  const options = callsTo(file, [':ra.start/1', ':ra_system.start/1']).flatMap((call) => {
    const value = call.args[0] && definitionOf(file, call.args[0]);
    return keys.flatMap((key) => keywordValue(value, key) ?? []);
  });
  const put = callsTo(file, ['Application.put_env/3', ':application.set_env/3']).flatMap(({ args: [app, key, value] }) =>
    app?.kind === 'atom' && app.value === 'ra' && key?.kind === 'atom' && keys.includes(key.value) && value ? [value] : [],
  );
  return [...configured.map((entry) => entry.value), ...started, ...options, ...put];
}

/** The value itself, also behind a variable that is used for nothing else. */
function whereMade(file: FileFacts, given: Expr): Expr {
  const binding = given.kind === 'variable' ? bindingOf(file, given) : undefined;
  return binding && usesOf(file, binding).length === 1 ? definitionOf(file, given) : given;
}

const binaries =
  /^(?:System\.(?:get_env|fetch_env!|tmp_dir!?|user_home!?)|Path\.\w+|File\.cwd!|Application\.app_dir|String\.(?!to_charlist$)\w+|Kernel\.to_string|:code\.priv_dir_binary)$/;

function isBinary(value: Expr): boolean {
  if (value.kind === 'string') return true;
  if (value.kind === 'binary') return value.operator === '<>';
  return value.kind === 'call' && binaries.test(`${value.module}.${value.name}`) && !/\?$|^(?:split|to_atom|length)/.test(value.name);
}

function asCharlist(file: FileFacts, value: Expr): Fix {
  const text = textOf(file, value.range);
  const isPlain = value.kind === 'string' && /^"(?!"")/.test(text);
  return isPlain
    ? safeWhereItFits(file, 'Write a charlist', [replace(value.range, `~c${text}`)])
    : safeWhereItFits(file, 'Convert it to a charlist', [replace(value.range, `String.to_charlist(${text})`)]);
}

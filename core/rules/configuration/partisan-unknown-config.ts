import { type FileFacts, textOf } from '../../facts/facts';
import {
  hyparviewKeys,
  oldHyparviewKeys,
  partisanKeys,
  partisanManagerFor,
  partisanManagers,
  renamedPartisanKeys,
} from '../../facts/partisan';
import { makesLineTooLong, replace, safeWhereItFits } from '../../fix';
import { nearest } from '../../nearest';
import { configIn, settingOf } from '../../project/config';
import { type ConfigEntry, compareVersions, isUnreleased, type ProjectFacts, versionOf } from '../../project/project';
import type { Context, Finding, Fix, Rule } from '../../rule';
import { contains, type TextEdit } from '../../text';

export default {
  id: 'partisan-unknown-config',
  summary: 'Partisan is configured with a key that it does not read, or with a manager that does not exist.',
  category: 'correctness',
  severity: 'error',
  fixable: 'safe',
  rationale: `
    Partisan 5 reads a fixed list of keys and ignores every other one without a word. An overlay that is asked for under a wrong name is
    not there: the default manager connects every node with every other one, which is what the cluster was to be saved from, and it is noticed
    when it has grown. The names in circulation are often invented or of version 4: \`peer_service\`, \`overlay\`,
    \`Partisan.PeerService.HyParView\`, and the sizes of HyParView's views at the top, where they are read under \`hyparview:\` only.

    Reported: keys that are not read, also of flags \`-partisan key value\` in \`vm.args\`; managers that do not exist, and \`:partisan_static_peer_service_manager\`, which fails at start in 5.0
    (warning); keys under \`hyparview:\` that are not read (warning), or have no effect because another manager runs (information). Managers of
    the project are left alone. Silent when the project locks Partisan 4 or older, or takes it from a revision or a folder.

    The fix renames a key, names the manager that is meant, and moves HyParView's sizes under \`hyparview:\`.`,
  references: [
    'https://github.com/lasp-lang/partisan/blob/v5.0.3/src/partisan_config.erl',
    'https://github.com/lasp-lang/partisan/issues/267',
    'https://hexdocs.pm/partisan/readme.html',
  ],
  examples: [
    {
      title: 'An invented manager under an invented key',
      path: 'config/config.exs',
      bad: `
        config :partisan,
          peer_service: Partisan.PeerService.HyParView
        # ^^^^^^^^^^^^^`,
      good: `
        config :partisan,
          peer_service_manager: :partisan_hyparview_peer_service_manager`,
    },
    {
      title: 'Sizes of HyParView at the top',
      path: 'config/config.exs',
      bad: `
        config :partisan,
          peer_service_manager: :partisan_hyparview_peer_service_manager,
          max_active_size: 5
        # ^^^^^^^^^^^^^^^^`,
      good: `
        config :partisan,
          peer_service_manager: :partisan_hyparview_peer_service_manager,
          hyparview: [active_max_size: 5]`,
    },
    {
      title: 'All of them are moved together',
      path: 'config/config.exs',
      bad: `
        config :partisan,
          peer_service_manager: :partisan_hyparview_peer_service_manager,
          active_max_size: 6,
        # ^^^^^^^^^^^^^^^^
          passive_max_size: 30
        # ^^^^^^^^^^^^^^^^^`,
    },
    {
      title: 'A manager that does not exist',
      path: 'config/config.exs',
      bad: `
        config :partisan,
          peer_service_manager: :partisan_default_peer_service_manager
          #                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^`,
      good: `
        config :partisan,
          peer_service_manager: :partisan_pluggable_peer_service_manager`,
    },
    {
      title: 'Settings of HyParView for another manager',
      path: 'config/config.exs',
      bad: `
        config :partisan,
          peer_service_manager: :partisan_pluggable_peer_service_manager,
          hyparview: [active_max_size: 6]
        # ^^^^^^^^^^`,
    },
    {
      title: 'Flags of the VM',
      path: 'rel/vm.args.eex',
      bad: `
        -partisan peer_service_manager partisan_hyparview_peer_service_manager
        -partisan peer_service partisan_hyparview_peer_service_manager
      # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^`,
    },
    {
      title: 'As it is read',
      path: 'config/config.exs',
      good: `
        config :partisan,
          peer_service_manager: :partisan_hyparview_peer_service_manager,
          listen_addrs: [[ip: "0.0.0.0", port: 10_200]],
          channels: %{stock: %{parallelism: 2}},
          hyparview: [active_max_size: 6, passive_max_size: 30, arwl: 6]`,
    },
    {
      title: 'A manager of the project',
      path: 'config/config.exs',
      good: 'config :partisan, peer_service_manager: Shop.PeerServiceManager',
    },
    {
      title: 'Version 4 has other keys',
      path: 'config/config.exs',
      project: {
        'mix.exs': 'defmodule Shop.MixProject do\n  use Mix.Project\n  def project, do: [app: :shop, deps: [{:partisan, "~> 4.1"}]]\nend\n',
      },
      good: 'config :partisan, partisan_peer_service_manager: :partisan_default_peer_service_manager',
    },
  ],
  triggers: { words: ['partisan'], manifestWords: ['partisan'] },

  *check(file, context) {
    if (isOther(context.project)) return;
    const entries = configIn(file).filter((entry) => entry.app === 'partisan');
    for (const entry of entries) {
      const [name = '', below] = entry.keys;
      if (entry.keys.length === 1) {
        if (!partisanKeys.has(name)) yield unreadKey(file, entries, entry, name);
        else if (name === 'peer_service_manager') yield* wrongManager(file, context, entry);
        else if (name === 'hyparview') yield* withoutEffect(file, context, entry);
      } else if (name === 'hyparview' && below !== undefined && entry.keys.length === 2) {
        if (!hyparviewKeys.has(below) && !(below in oldHyparviewKeys)) yield unreadBelow(entry, below);
      }
    }
  },

  *checkProject(project) {
    if (isOther(project)) return;
    for (const { name, path, range } of project.release) {
      const key = /^-partisan (\w+)$/.exec(name)?.[1];
      if (key === undefined || partisanKeys.has(key)) continue;
      const meant = renamedPartisanKeys[key] ?? nearest(key, partisanKeys);
      const isBelow = hyparviewKeys.has(key) || key in oldHyparviewKeys;
      const advice = isBelow ? 'It is read under `hyparview` only.' : meant === undefined ? 'Remove it.' : `Use \`${meant}\`.`;
      yield { path, range, message: `Partisan ignores \`${key}\`. ${advice}` };
    }
  },
} satisfies Rule;

function unreadKey(file: FileFacts, entries: readonly ConfigEntry[], entry: ConfigEntry, name: string): Finding {
  const range = entry.keyRange;
  if (hyparviewKeys.has(name) || name in oldHyparviewKeys) {
    const fix = moveBelow(file, entries);
    const message = `Partisan ignores \`${name}\` here: it reads it under \`hyparview:\`. Move it there.`;
    return { range, message, ...(fix && { fix }) };
  }
  const renamed = renamedPartisanKeys[name];
  const meant = renamed ?? nearest(name, partisanKeys);
  if (meant === undefined)
    return { range, message: `Partisan ignores \`${name}\`. Remove it, or use a key that it reads.`, severity: 'warning' };
  const isThere = entries.some((other) => other.keys.length === 1 && other.keys[0] === meant);
  const fix = isThere ? undefined : rename(file, entry, name, meant);
  const manager = meant === 'peer_service_manager' ? partisanManagerFor(valueName(entry) ?? '') : undefined;
  const advice = isThere ? 'Remove it' : manager === undefined ? `Use \`${meant}:\`` : `Use \`${meant}: :${manager}\``;
  return {
    range,
    message: `Partisan ignores \`${name}\`${meant === 'peer_service_manager' && !isThere ? ', and connects every node with every other one' : ''}. ${advice}.`,
    ...(fix && { fix: renamed === undefined ? { ...fix, safety: 'unsafe' as const } : fix }),
  };
}

/** The key's new name, and with it the manager that the value stands for. */
function rename(file: FileFacts, entry: ConfigEntry, name: string, meant: string): Fix | undefined {
  const written = textOf(file, entry.keyRange);
  if (!/^:?\w+:?$/.test(written)) return undefined;
  const edits: TextEdit[] = [replace(entry.keyRange, written.replace(name, meant))];
  const value = valueName(entry);
  if (meant === 'peer_service_manager' && !partisanManagers.has(value ?? '')) {
    const manager = partisanManagerFor(value ?? '');
    if (manager === undefined || !contains(entry.range, entry.value.range)) return undefined;
    edits.push(replace(entry.value.range, `:${manager}`));
  }
  return safeWhereItFits(file, `Use \`${meant}\``, edits);
}

/** All of HyParView's keys as one list under `hyparview:`, where they stand side by side. */
function moveBelow(file: FileFacts, entries: readonly ConfigEntry[]): Fix | undefined {
  const top = entries.filter((entry) => entry.keys.length === 1);
  if (top.some(({ keys }) => keys[0] === 'hyparview')) return undefined;
  const moved = top.filter(({ keys }) => hyparviewKeys.has(keys[0] ?? '') || (keys[0] ?? '') in oldHyparviewKeys);
  const [first, last] = [moved[0], moved.at(-1)];
  const gaps = moved.slice(1).map((entry, i) => textOf(file, { start: (moved[i] as ConfigEntry).range.end, end: entry.range.start }));
  if (!first || !last || !gaps.every((gap) => /^,\s*$/.test(gap))) return undefined;
  const texts = moved.map((entry) => {
    const [name = ''] = entry.keys;
    return textOf(file, entry.range).replace(name, oldHyparviewKeys[name] ?? name);
  });
  if (!texts.every((text) => /^\w+: /.test(text) && !text.includes('\n'))) return undefined;
  const edits = [replace({ start: first.range.start, end: last.range.end }, `hyparview: [${texts.join(', ')}]`)];
  return { title: 'Move it under `hyparview:`', edits, safety: makesLineTooLong(file.text, edits) ? 'unsafe' : 'safe' };
}

function unreadBelow(entry: ConfigEntry, name: string): Finding {
  const meant = nearest(name, hyparviewKeys);
  return {
    range: entry.keyRange,
    message: `Partisan ignores \`${name}\` under \`hyparview:\`. ${meant === undefined ? 'Remove it.' : `Did you mean \`${meant}\`?`}`,
    severity: 'warning',
  };
}

/** The atom or module that is the value. */
/** Partisan 4 or older, or what no version describes. */
const isOther = (project: ProjectFacts | undefined): boolean =>
  compareVersions(versionOf(project, 'partisan') ?? '5', '5') < 0 || isUnreleased(project, 'partisan');

const valueName = ({ value }: ConfigEntry): string | undefined =>
  value.kind === 'atom' ? value.value : value.kind === 'alias' ? value.name : undefined;

function* wrongManager(file: FileFacts, context: Context, entry: ConfigEntry): Iterable<Finding> {
  const name = valueName(entry);
  if (name === undefined) return;
  const range = entry.value.range;
  if (name === 'partisan_static_peer_service_manager') {
    if (/^(?!5\.0)\d/.test(versionOf(context.project, 'partisan') ?? '5.0')) return;
    yield { range, message: 'This manager fails at start in Partisan 5.0. Use another one.', severity: 'warning' };
    return;
  }
  const isInvented =
    entry.value.kind === 'atom'
      ? /^(?:partisan_\w+|hyparview|full_?mesh|pluggable|default|client_server|static)$/.test(name)
      : /^Partisan\./.test(name) && !context.project?.modules.has(name);
  if (partisanManagers.has(name) || !isInvented) return;
  const meant = partisanManagerFor(name);
  yield {
    range,
    message: `\`${entry.value.kind === 'atom' ? ':' : ''}${name}\` is no manager of Partisan, which fails at start. Use \`:${meant ?? [...partisanManagers.keys()][0]}\`.`,
    ...(meant !== undefined && { fix: safeWhereItFits(file, `Use \`:${meant}\``, [replace(range, `:${meant}`)]) }),
  };
}

/** Settings of HyParView while another manager runs, by name or by default. */
function* withoutEffect(file: FileFacts, context: Context, entry: ConfigEntry): Iterable<Finding> {
  const config = context.project?.config ?? configIn(file);
  const setting = settingOf(config, 'partisan', ['peer_service_manager']);
  const isNowhere = context.project && !context.project.words.has('peer_service_manager') && !config.some(isMisnamedManager);
  const manager = setting ? valueName(setting) : isNowhere ? 'partisan_pluggable_peer_service_manager' : undefined;
  if (manager === undefined || !partisanManagers.has(manager) || manager.includes('hyparview')) return;
  yield {
    range: entry.keyRange,
    message: `These settings have no effect: the manager is \`:${manager}\`. Use \`:partisan_hyparview_peer_service_manager\`, or remove them.`,
    severity: 'info',
  };
}

const isMisnamedManager = ({ app, keys }: ConfigEntry): boolean =>
  app === 'partisan' && keys.length === 1 && renamedPartisanKeys[keys[0] ?? ''] === 'peer_service_manager';

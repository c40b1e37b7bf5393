/** Which files of a project have to be parsed to know what the linted ones are part of: the others say nothing that a rule asks for. */

/** What stands in the text of every file that speaks of supervision, of other nodes, or of a store that spans nodes. */
const tellsOfCluster =
  /Supervisor|use Application|child_spec|topolog|libcluster|Cluster|Node\.|net_kernel|net_adm|monitor_node|multi_call|abcast|mnesia|Memento|Amnesia|Horde|Swarm|DeltaCrdt|artisan|hepri|ighlander|Quantum|PubSub|Presence|Tracker|(?:nodedown|nodeup|inconsistent_database|global_name_conflict|already_started|optimistic_lock)\b|:(?:global|e?rpc|pg2?|syn|ra|ra_\w+)\b/;

/** A public function that only reads the wall clock: what its callers do with the time, in other files, is asked for. */
const handsOutTime = /\bdef \w+(?:\(\))?(?:,\s*do:|\s+do)\s+[\w.:]*\.(?:system_time|os_time|timestamp|utc_now|now)\b/;

/** A file of the project with what it holds, by path. */
export type Texts = ReadonlyMap<string, string>;

/**
 * Of the Elixir files of a project those that tell of its cluster, and those that define a module which one of the `linted` texts names:
 * a rule asks for modules by the names that stand in the file it looks at. And those that name a linted module which hands out the time.
 */
export function relevantFiles(files: Texts, linted: readonly string[]): ReadonlySet<string> {
  const relevant = new Set<string>();
  const modules = new Map<string, { readonly segments: readonly string[]; readonly file: string }[]>();
  for (const [file, text] of files) {
    if (tellsOfCluster.test(text)) relevant.add(file);
    else for (const segments of modulesIn(text)) addTo(modules, segments.at(-1) ?? '', { segments, file });
  }
  for (const text of linted) {
    const names = new Set(text.match(/\b[A-Z]\w*/g));
    for (const name of names) {
      for (const { segments, file } of modules.get(name) ?? []) if (segments.every((segment) => names.has(segment))) relevant.add(file);
    }
  }
  const clocks = linted
    .filter((text) => handsOutTime.test(text))
    .flatMap((text) => [...modulesIn(text)].map((segments) => segments.at(-1) ?? ''));
  if (clocks.length > 0) {
    const named = new RegExp(`\\b(?:${clocks.join('|')})\\b`);
    for (const [file, text] of files) if (named.test(text)) relevant.add(file);
  }
  return relevant;
}

/** The names of the modules that a text defines, as written: of a nested one the inner part. */
function* modulesIn(text: string): Generator<readonly string[]> {
  for (const [, name] of text.matchAll(/\bdef(?:module|protocol)\s*\(?\s*([A-Z][\w.]*)/g)) if (name !== undefined) yield name.split('.');
}

function addTo<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

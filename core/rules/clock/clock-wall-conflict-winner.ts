import type { Expr } from '../../elixir/ir';
import { bindingOf, type Path, type Step } from '../../facts/bindings';
import { type Comparison, comparisonsIn, isReading, readingOf } from '../../facts/clocks';
import { ancestorsOf, type FileFacts, functionClauseOf, type ModuleDef, moduleOf } from '../../facts/facts';
import { fieldWritesIn, patternIds } from '../../facts/origins';
import { isTestPath } from '../../project/environment';
import type { Rule } from '../../rule';
import { contains } from '../../text';

/** Functions that choose between two copies of one thing. */
const choosing = /(?:^|_)(?:merge|merges|resolve|reconcile|conflict|conflicts|winner|lww|join|converge)(?:_|[?!]|$)/;
/** Fields that order changes without a clock. */
const logical = /^(?:version|vsn|rev|revision|counter|clock|vclock|vector_clock|hlc|dot|term|epoch|seq|sequence|generation|index)$/;

export default {
  id: 'clock-wall-conflict-winner',
  summary: 'Which of two copies wins is decided by the wall clocks of the nodes that wrote them.',
  category: 'time',
  severity: 'warning',
  onlyInCluster: true,
  rationale: `
    The two times were read on different nodes, whose clocks differ by milliseconds on a good day and by minutes on a bad one. A node whose clock is
    ahead wins every conflict until the others have caught up: newer writes of its peers are dropped without an error, and a value "from the
    future" cannot be overwritten at all. NTP does not help while it steps the clock.

    Reported in functions that by their name merge or resolve, and in the function that is given to \`Map.merge/3\`, where the same field of both
    copies is compared and the module sets it from the wall clock. Silent where a version or counter is compared as well, or a tuple such as
    \`{version, node}\`, and for projects that show no sign of a cluster.

    Keep a version vector or a hybrid logical clock with the value, let one writer own it, or keep both values and let the reader merge them. There
    is no fix.`,
  references: [
    'https://aphyr.com/posts/294-jepsen-cassandra',
    'https://cse.buffalo.edu/tech-reports/2014-04.pdf',
    'https://hexdocs.pm/elixir/System.html#module-time',
  ],
  examples: [
    {
      title: 'The last clock wins',
      bad: `
        defmodule Profile do
          def put(profile, name), do: %{profile | name: name, updated_at: System.system_time()}

          def merge(ours, theirs) do
            if ours.updated_at > theirs.updated_at, do: ours, else: theirs
            #  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          end
        end`,
    },
    {
      title: 'With dates',
      bad: `
        defmodule Profile do
          def put(profile, name), do: %{profile | name: name, changed: DateTime.utc_now()}

          def resolve_conflict(%{changed: first} = a, %{changed: second} = b) do
            case DateTime.compare(first, second) do
              #  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              :lt -> b
              _ -> a
            end
          end
        end`,
    },
    {
      title: 'Key by key',
      bad: `
        defmodule Registry.Sync do
          def put(entries, key, value), do: Map.put(entries, key, {value, System.os_time()})

          def sync(local, remote) do
            Map.merge(local, remote, fn _key, {_, t1} = a, {_, t2} = b -> if t1 >= t2, do: a, else: b end)
            #                                                                ^^^^^^^^
          end
        end`,
    },
    {
      title: 'Versions',
      good: `
        defmodule Profile do
          def put(profile, name), do: %{profile | name: name, version: profile.version + 1}

          def merge(a, b), do: if({a.version, a.node} > {b.version, b.node}, do: a, else: b)
        end`,
    },
    {
      title: 'The clock only breaks ties',
      good: `
        defmodule Profile do
          def put(profile, name) do
            %{profile | name: name, version: profile.version + 1, updated_at: System.system_time()}
          end

          def merge(a, b) do
            cond do
              a.version > b.version -> a
              a.version < b.version -> b
              a.updated_at > b.updated_at -> a
              true -> b
            end
          end
        end`,
    },
    {
      title: 'A list in order of time',
      good: `
        defmodule Timeline do
          def add(list, text), do: [%{text: text, at: System.system_time()} | list]
          def newest_first(list), do: Enum.sort(list, fn a, b -> a.at > b.at end)
        end`,
    },
  ],
  triggers: {
    words: ['system_time', 'os_time', 'utc_now', 'timestamp', 'now'],
    pattern: /merge|resolve|reconcile|conflict|winner|lww|join|converge/,
  },

  *check(file) {
    if (isTestPath(file.path)) return;
    const judged = new Set<Expr>();
    for (const comparison of comparisonsIn(file)) {
      const scope = scopeOf(file, comparison.expr);
      const module = moduleOf(file, comparison.expr);
      if (!scope || !module || judged.has(scope)) continue;
      const part = comparedPart(file, comparison, scope);
      const write = part && !hasVersion(file, scope) ? wallWrite(file, module, part) : undefined;
      if (!write) continue;
      judged.add(scope);
      const reading = readingOf(file, write);
      yield {
        range: comparison.expr.range,
        message:
          'These times come from the clocks of different nodes: the node whose clock is ahead wins, and newer writes are lost. Compare versions.',
        ...(reading && { related: [{ message: 'The clock of the node that writes.', range: reading.range }] }),
      };
    }
  },
} satisfies Rule;

/** The function that chooses, when the expression stands in one. */
function scopeOf(file: FileFacts, e: Expr): Expr | undefined {
  for (const ancestor of ancestorsOf(file, e)) {
    if (ancestor.kind !== 'fn') continue;
    const by = file.exprs[file.parents[ancestor.id] ?? -1];
    if (by?.kind === 'call' && by.module === 'Map' && by.name === 'merge' && by.args[2] === ancestor) return ancestor;
  }
  const clause = functionClauseOf(file, e);
  return clause && choosing.test(clause.def.name) ? clause.clause : undefined;
}

/** The part that is compared, when it is the same one of two parameters of the function that chooses. */
function comparedPart(file: FileFacts, { left, right }: Comparison, scope: Expr): Step | undefined {
  const [a, b] = [parameterPart(file, left), parameterPart(file, right)];
  if (a?.of !== scope || b?.of !== scope || a.index === b.index || JSON.stringify(a.path) !== JSON.stringify(b.path)) return undefined;
  return a.path.at(-1);
}

interface ParameterPart {
  /** The clause of a function, or the anonymous function. */
  readonly of: Expr;
  readonly index: number;
  readonly path: Path;
}

function parameterPart(file: FileFacts, e: Expr): ParameterPart | undefined {
  const path: Step[] = e.kind === 'field' ? [{ step: 'key', key: e.name }] : [];
  const subject = e.kind === 'field' ? e.subject : e;
  const source = subject.kind === 'variable' ? bindingOf(file, subject)?.source : undefined;
  if (source?.from === 'parameter') return { of: source.clause.clause, index: source.index, path: [...source.path, ...path] };
  return source?.from === 'argument' ? { of: source.fn, index: source.index, path: [...source.path, ...path] } : undefined;
}

/** Where the module sets the part, a field or a place of a tuple, from the wall clock. */
function wallWrite(file: FileFacts, module: ModuleDef, part: Step): Expr | undefined {
  if (part.step === 'key') return fieldWritesIn(file, module, part.key).find((write) => isReading(file, write, 'wall'));
  if (part.step !== 'tuple') return undefined;
  const patterns = patternIds(file);
  for (const e of file.exprs) {
    if (e.kind !== 'tuple' || e.items.length !== part.size || patterns.has(e.id) || !contains(module.range, e.range)) continue;
    const item = e.items[part.index];
    if (item && isReading(file, item, 'wall')) return item;
  }
  return undefined;
}

/** Something in the function that orders changes without a clock. */
function hasVersion(file: FileFacts, scope: Expr): boolean {
  return file.exprs.some((e) => contains(scope.range, e.range) && isLogical(e));
}

function isLogical(e: Expr): boolean {
  return e.kind === 'field' || e.kind === 'variable' ? logical.test(e.name) : e.kind === 'atom' && logical.test(e.value);
}

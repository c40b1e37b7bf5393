/** How long a field lives: in this run of the program only, or also in a row, a file or a message of somebody else. */
import { descendants, type Expr } from '../elixir/ir';
import type { ProjectFacts } from '../project/project';
import { type FileFacts, isProcess, moduleOf } from './facts';
import { fieldWritesIn, originsOf } from './origins';

/**
 * Whether the field that `read` reads lives in this run only: in the state of a process, in a struct of this module, or in something that no other
 * module makes. What is a column, or is made elsewhere, may be stored, sent and shown, and its times have to stay dates.
 */
export function livesInThisRun(file: FileFacts, read: Expr, name: string, project: ProjectFacts | undefined): boolean {
  const module = moduleOf(file, read);
  if (!module || timestamps.has(name)) return false;
  if (isProcess(module) && !originsOf(file, read).some((o) => o.kind === 'call' || o.kind === 'unknown')) return true;
  if (!project) return true;
  if (columnsOf(project).has(name)) return false;
  for (const other of project.files.values()) {
    if (!other.text.includes(name)) continue;
    if (other.modules.some((m) => m.name !== module.name && fieldWritesIn(other, m, name).length > 0)) return false;
  }
  return true;
}

/** Columns that `timestamps()` adds. */
const timestamps: ReadonlySet<string> = new Set(['inserted_at', 'updated_at']);

const known = new WeakMap<ProjectFacts, ReadonlySet<string>>();

/** Names that a schema of the project declares, or a list of attributes of a Mnesia table. */
function columnsOf(project: ProjectFacts): ReadonlySet<string> {
  let columns = known.get(project);
  if (!columns) known.set(project, (columns = new Set([...project.files.values()].flatMap(columnsIn))));
  return columns;
}

function columnsIn(file: FileFacts): readonly string[] {
  const columns: string[] = [];
  for (const module of file.modules) {
    for (const e of module.schema ? module.body.flatMap((part) => [...descendants(part)]) : []) {
      const [column] = e.kind === 'call' && /^(?:field|attribute)$/.test(e.name) ? e.args : [];
      if (column?.kind === 'atom') columns.push(column.value);
    }
  }
  for (const e of file.exprs) {
    if (e.kind !== 'pair' || e.key.kind !== 'atom' || e.key.value !== 'attributes' || e.value.kind !== 'list') continue;
    for (const item of e.value.items) if (item.kind === 'atom') columns.push(item.value);
  }
  return columns;
}

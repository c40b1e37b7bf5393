/** Messages that a process takes. */
import type { Expr } from '../elixir/ir';
import { contains } from '../text';
import type { FileFacts, ModuleDef } from './facts';

/** Whether any clause of the module, of `handle_info` or another function or a `receive`, takes a tuple of this tag and size. */
export function takesMessage(file: FileFacts, module: ModuleDef, tag: string, size: number): boolean {
  return file.exprs.some(
    (e) => e.kind === 'clause' && contains(module.range, e.range) && e.patterns.some((pattern) => isTagged(pattern, tag, size)),
  );
}

function isTagged(pattern: Expr, tag: string, size: number): boolean {
  if (pattern.kind === 'match') return isTagged(pattern.pattern, tag, size) || isTagged(pattern.value, tag, size);
  const [first] = pattern.kind === 'tuple' && pattern.items.length === size ? pattern.items : [];
  return first?.kind === 'atom' && first.value === tag;
}

/** Modules whose `use` brings no clauses of the project's own. */
const plain = /^(?:GenServer|GenStage|Agent|Supervisor|DynamicSupervisor|Application|Task|GenStateMachine|Connection|Phoenix\..*)$/;

/** Whether clauses may come from a macro that is not known. */
export function mayHaveHiddenClauses(module: ModuleDef): boolean {
  return module.uses.some((use) => !plain.test(use.module));
}

/** How `:syn` resolves the conflict of two processes with one name. */
import { type Call, descendants, type Expr } from '../elixir/ir';
import { bindingOf } from './bindings';
import { type FileFacts, type FunctionClause, type FunctionDef, findFunction, functionClauseOf } from './facts';
import { branchesAround, calledFunction, resultsOf } from './values';

/** The functions of the file that resolve conflicts. */
export function conflictResolvers(file: FileFacts): readonly FunctionDef[] {
  return file.modules.flatMap((module) => findFunction(module, 'resolve_registry_conflict', 4) ?? []);
}

/** Calls that run when the clause does, in the functions of the module that it calls too. */
export function callsReachedFrom(file: FileFacts, clause: FunctionClause): readonly Call[] {
  const found: Call[] = [];
  const seen = new Set<FunctionClause>();
  const work: FunctionClause[] = [clause];
  for (let at = work.pop(); at; at = work.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    for (const e of descendants(at.clause.body)) {
      if (e.kind !== 'call') continue;
      found.push(e);
      work.push(...(calledFunction(file, e)?.clauses ?? []));
    }
  }
  return found;
}

/** What the clause can answer, followed through variables and their branches to expressions of the function itself. */
export function answersOf(file: FileFacts, clause: FunctionClause): readonly Expr[] {
  const found: Expr[] = [];
  const seen = new Set<number>();
  const work: Expr[] = [...resultsOf(clause.clause.body)];
  for (let at = work.pop(); at; at = work.pop()) {
    if (seen.has(at.id)) continue;
    seen.add(at.id);
    found.push(at);
    const source = at.kind === 'variable' ? bindingOf(file, at)?.source : undefined;
    if (source?.from === 'value' && functionClauseOf(file, source.expr) === clause) work.push(...resultsOf(source.expr));
  }
  return found;
}

/** The conditions that decide whether this expression is the answer. */
export function conditionsOf(file: FileFacts, e: Expr): readonly Expr[] {
  return [...branchesAround(file, e)].flatMap(({ branch, within }): readonly Expr[] => {
    if (branch.kind === 'if') return [branch.condition];
    if (branch.kind === 'case') return [branch.subject, ...(within.kind === 'clause' && within.guard ? [within.guard] : [])];
    // Of a `cond`, that the conditions before it were false decides as well.
    if (branch.kind === 'cond') return branch.clauses.flatMap((c) => c.patterns);
    return [];
  });
}

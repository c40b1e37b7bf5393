/** Mix's environments: which of them an expression can run in, by the branches around it and the name of its file. */
import type { Case, Clause, Cond, Expr } from '../elixir/ir';
import { type FileFacts, parentOf } from '../facts/facts';
import { evaluate } from './evaluate';
import type { Environment } from './project';
import { optionsOf } from './value';

/** A set of Mix's environments: the sum of the bits of `bitOf`. */
export type Environments = number;

const names: readonly Environment[] = ['dev', 'test', 'prod'];
export const everyEnvironment: Environments = 7;

/** The bit of an environment by its name; production for names of environments like it, none for others. */
export function bitOf(name: string): Environments {
  const index = (names as readonly string[]).indexOf(name);
  if (index >= 0) return 1 << index;
  return /^(?:prod|stag)/.test(name) ? 4 : 0;
}

/** The one environment that stands for the set: undefined where production is among others; `dev` where only production is not. */
export function environmentOf(set: Environments): Environment | undefined {
  if (set === 1 || set === 3) return 'dev';
  if (set === 2) return 'test';
  return set === 4 ? 'prod' : undefined;
}

export function environmentNames(set: Environments): readonly Environment[] {
  return names.filter((_, i) => set & (1 << i));
}

/** By the file's own path: `config/dev.exs`, `config/prod.secret.exs` and `config/dev/…` are for one environment, `test/…` is for tests. */
export function environmentsOfPath(path: string): Environments {
  const named = /(?:^|\/)config\/(?:.*\/)?(dev|test|prod|releases)(?:\/.*|\.[^/]*)?\.exs$/.exec(path)?.[1];
  if (named !== undefined) return named === 'releases' ? 4 : bitOf(named);
  return isTestPath(path) ? 2 : everyEnvironment;
}

/** Whether the file is there to test or measure the project, not to run it. */
export function isTestPath(path: string): boolean {
  return /(?:^|\/)(?:test|tests|bench|benchmarks?|integration_test|test_support)\/|_test\.exs$/.test(path);
}

const masks = new WeakMap<FileFacts, Map<number, Environments>>();

/** The environments in which an expression of the file can run, by the branches around it. */
export function environmentsAt(file: FileFacts, e: Expr): Environments {
  let known = masks.get(file);
  if (!known) masks.set(file, (known = new Map()));
  const path: Expr[] = [];
  let set: Environments | undefined;
  for (let at: Expr | undefined = e; at; at = parentOf(file, at)) {
    set = known.get(at.id);
    if (set !== undefined) break;
    path.push(at);
  }
  set ??= everyEnvironment;
  for (const child of path.reverse()) {
    const parent = parentOf(file, child);
    set = parent ? set & within(file, parent, child) : everyEnvironment;
    known.set(child.id, set);
  }
  return set;
}

/** The environments in which `parent` gets to `child`. */
function within(file: FileFacts, parent: Expr, child: Expr): Environments {
  switch (parent.kind) {
    case 'if': {
      if (child === parent.consequent) return conditionOf(file, parent.condition).yes;
      return child === parent.alternative ? conditionOf(file, parent.condition).no : everyEnvironment;
    }
    case 'binary': {
      if (child !== parent.right) return everyEnvironment;
      if (parent.operator === '&&' || parent.operator === 'and') return conditionOf(file, parent.left).yes;
      return parent.operator === '||' || parent.operator === 'or' ? conditionOf(file, parent.left).no : everyEnvironment;
    }
    case 'case':
    case 'cond':
      return child.kind === 'clause' ? (clauseSets(file, parent).get(child) ?? everyEnvironment) : everyEnvironment;
    default:
      return everyEnvironment;
  }
}

const branches = new WeakMap<Case | Cond, ReadonlyMap<Clause, Environments>>();

function clauseSets(file: FileFacts, branch: Case | Cond): ReadonlyMap<Clause, Environments> {
  const known = branches.get(branch);
  if (known) return known;
  const sets = new Map<Clause, Environments>();
  const onEnvironment = branch.kind === 'cond' || isEnvironment(file, branch.subject);
  let left: Environments = everyEnvironment;
  for (const clause of onEnvironment ? branch.clauses : []) {
    const { yes, no } = outcomeOfClause(file, branch, clause);
    sets.set(clause, left & yes);
    left &= no;
  }
  branches.set(branch, sets);
  return sets;
}

function outcomeOfClause(file: FileFacts, branch: Case | Cond, clause: Clause): Outcome {
  const pattern = clause.patterns[0];
  if (!pattern) return either;
  if (branch.kind === 'cond') return conditionOf(file, pattern);
  const guard = clause.guard ? conditionOf(file, clause.guard) : { yes: everyEnvironment, no: 0 };
  const name = nameOf(file, pattern);
  const matched = pattern.kind === 'variable' ? { yes: everyEnvironment, no: 0 } : name === undefined ? either : outcomeOf([name]);
  return { yes: matched.yes & guard.yes, no: matched.no | guard.no };
}

/** Like `bitOf`, without names that are only like an environment: `:staging` leaves production to the other branches. */
const exactly = (name: string): Environments => ((names as readonly string[]).includes(name) ? bitOf(name) : 0);

interface Outcome {
  /** The environments in which the condition can be truthy, and in which it can be falsy. */
  readonly yes: Environments;
  readonly no: Environments;
}
const either: Outcome = { yes: everyEnvironment, no: everyEnvironment };

function conditionOf(file: FileFacts, e: Expr, depth = 0): Outcome {
  if (depth > 50) return either;
  const inside = (part: Expr): Outcome => conditionOf(file, part, depth + 1);
  if (e.kind === 'unary' && (e.operator === '!' || e.operator === 'not')) {
    const { yes, no } = inside(e.operand);
    return { yes: no, no: yes };
  }
  if (e.kind !== 'binary') return either;
  switch (e.operator) {
    case '&&':
    case 'and': {
      const [left, right] = [inside(e.left), inside(e.right)];
      return { yes: left.yes & right.yes, no: left.no | right.no };
    }
    case '||':
    case 'or': {
      const [left, right] = [inside(e.left), inside(e.right)];
      return { yes: left.yes | right.yes, no: left.no & right.no };
    }
    case '==':
    case '===':
      return compared(file, e.left, e.right);
    case '!=':
    case '!==': {
      const { yes, no } = compared(file, e.left, e.right);
      return { yes: no, no: yes };
    }
    case 'in':
      return member(file, e.left, e.right);
    case 'not in': {
      const { yes, no } = member(file, e.left, e.right);
      return { yes: no, no: yes };
    }
    default:
      return either;
  }
}

function compared(file: FileFacts, left: Expr, right: Expr): Outcome {
  const name = isEnvironment(file, left) ? nameOf(file, right) : isEnvironment(file, right) ? nameOf(file, left) : undefined;
  return name === undefined ? either : outcomeOf([name]);
}

function member(file: FileFacts, left: Expr, right: Expr): Outcome {
  if (!isEnvironment(file, left)) return either;
  const list = evaluate(file, right);
  if (list.kind !== 'list' || list.open) return either;
  const atoms = list.items.map((item) => (item.kind === 'atom' ? item.value : undefined));
  return atoms.some((name) => name === undefined) ? either : outcomeOf(atoms as string[]);
}

function outcomeOf(listed: readonly string[]): Outcome {
  const yes = listed.reduce((set, name) => set | bitOf(name), 0);
  const certain = listed.reduce((set, name) => set | exactly(name), 0);
  return { yes, no: everyEnvironment & ~certain };
}

function nameOf(file: FileFacts, e: Expr): string | undefined {
  const value = evaluate(file, e);
  return value.kind === 'atom'
    ? value.value
    : value.kind === 'text' && value.parts.length === 1 && typeof value.parts[0] === 'string'
      ? value.parts[0]
      : undefined;
}

/** Whether the expression is `config_env()`, `Mix.env()`, a variable for `MIX_ENV`, or a name or text made of one of these. */
function isEnvironment(file: FileFacts, e: Expr): boolean {
  return optionsOf(evaluate(file, e)).some(
    (v) => v.kind === 'unknown' && (v.source?.kind === 'environment' || (v.source?.kind === 'variable' && v.source.name === 'MIX_ENV')),
  );
}

/** What a value is for: whether something depends on it, or it is only shown to people. */
import type { Call, Case, Clause, Cond, Expr, If, Variable } from '../elixir/ir';
import { bindingAt, usesOf } from './bindings';
import { type FileFacts, parentOf } from './facts';
import { calledFunction, resultsOf } from './values';

/** `shown`: it ends in a log line, a text or a metric, wherever it goes. `decides`: a comparison, a timer or a branch depends on it. */
export type Purpose = 'shown' | 'decides';

/** What is done with the value of an expression; undefined where it cannot be followed to its end, or is kept. */
export function purposeOf(file: FileFacts, e: Expr): Purpose | undefined {
  return purpose(file, e, new Set());
}

const comparisons: ReadonlySet<string> = new Set(['<', '>', '<=', '>=', '==', '!=', '===', '!==', 'in', 'not in']);
/** Whose result is made of both sides, or is one of them. */
const carrying: ReadonlySet<string> = new Set(['+', '-', '*', '/', '||', '&&']);

/** The value of the call is that of its argument, in another form. */
const passes =
  /^(?:Kernel\.(?:abs|ceil|div|floor|inspect|max|min|rem|round|to_string|trunc)|Float\.(?:ceil|floor|round|to_string)|Integer\.(?:floor_div|to_string)|System\.convert_time_unit|:erlang\.(?:convert_time_unit|float_to_binary)|String\.\w+|Enum\.join|Map\.(?:put|merge)|Keyword\.(?:put|merge))$/;
/** By its name the function makes a text of it. */
const formats = /^(?:format|humani[sz]e|pretty)(?:_|$)/;
const shows =
  /^(?:Logger|IO|:logger|:io|:telemetry)\.|(?:^|\.)(?:\w*(?:Telemetry|Metrics?|Statsd|StatsD|Statix|Prometheus|Instrument\w*|Watchman)|Counter|Gauge|Histogram|Summary)\./;
const waits = /^(?:Process\.(?:send_after|sleep)|:timer\.\w+|:erlang\.(?:send_after|start_timer))$/;

function purpose(file: FileFacts, e: Expr, seen: Set<number>): Purpose | undefined {
  if (seen.has(e.id)) return 'shown';
  seen.add(e.id);
  const parent = parentOf(file, e);
  switch (parent?.kind) {
    case 'string':
    case 'charlist':
      return 'shown';
    case 'unary':
      return parent.operator === 'not' || parent.operator === '!' ? ofCondition(file, e) : purpose(file, parent, seen);
    case 'list':
    case 'tuple':
    case 'map':
    case 'pair':
      return purpose(file, parent, seen);
    case 'binary':
      if (parent.operator === '<>') return 'shown';
      if (comparisons.has(parent.operator)) return ofCondition(file, parent);
      if (parent.operator === 'and' || parent.operator === 'or') return ofCondition(file, e);
      return carrying.has(parent.operator) ? purpose(file, parent, seen) : undefined;
    case 'call':
      return ofArgument(file, parent, e, seen);
    case 'match':
      return parent.value === e && parent.pattern.kind === 'variable' ? ofVariable(file, parent.pattern, seen) : undefined;
    case 'block':
      return parent.body.at(-1) === e ? purpose(file, parent, seen) : 'shown';
    case 'if':
      return parent.condition === e ? ofCondition(file, e) : purpose(file, parent, seen);
    case 'case':
      return 'decides';
    case 'clause':
      return ofClause(file, parent, e, seen);
    case 'receive':
      return parent.after?.timeout === e ? 'decides' : purpose(file, parent, seen);
    default:
      return undefined;
  }
}

function ofClause(file: FileFacts, clause: Clause, e: Expr, seen: Set<number>): Purpose | undefined {
  const holder = parentOf(file, clause);
  if (clause.body !== e) return ofCondition(file, e);
  return holder?.kind === 'case' || holder?.kind === 'cond' || holder?.kind === 'receive' ? purpose(file, holder, seen) : undefined;
}

function ofArgument(file: FileFacts, call: Call, e: Expr, seen: Set<number>): Purpose | undefined {
  const name = `${call.module}.${call.name}`;
  if (passes.test(name) || formats.test(call.name)) return purpose(file, call, seen);
  if (shows.test(name)) return 'shown';
  if (waits.test(name)) return 'decides';
  const index = call.args.indexOf(e);
  const called = index < 0 ? undefined : calledFunction(file, call);
  if (!called) return undefined;
  if (called.clauses.every(({ clause }) => resultsOf(clause.body).every(isTextLike))) return 'shown';
  const parameters = called.clauses.map(({ clause }) => clause.patterns[index]);
  return together(parameters.map((p) => (p?.kind === 'variable' ? ofVariable(file, p, seen) : undefined)));
}

/** What all uses of the variable that a pattern binds are for. */
function ofVariable(file: FileFacts, pattern: Variable, seen: Set<number>): Purpose | undefined {
  const binding = bindingAt(file, pattern);
  return binding && together(usesOf(file, binding).map((use) => purpose(file, use, seen)));
}

function together(purposes: readonly (Purpose | undefined)[]): Purpose | undefined {
  if (purposes.includes('decides')) return 'decides';
  return purposes.includes(undefined) ? undefined : 'shown';
}

/** A comparison that only chooses between texts, or whether something is logged, shows. */
function ofCondition(file: FileFacts, comparison: Expr): Purpose {
  let condition = comparison;
  let branch = parentOf(file, condition);
  while (branch?.kind === 'binary' || branch?.kind === 'unary') {
    condition = branch;
    branch = parentOf(file, condition);
  }
  if (branch?.kind === 'clause' && branch.body !== condition) branch = parentOf(file, branch);
  else if (branch?.kind !== 'if' || branch.condition !== condition) return 'decides';
  if (branch?.kind !== 'if' && branch?.kind !== 'cond' && branch?.kind !== 'case') return 'decides';
  if (bodiesOf(branch).every((body) => onlyShows(body))) return 'shown';
  return resultsOf(branch).every(isTextLike) ? 'shown' : 'decides';
}

function bodiesOf(branch: If | Cond | Case): readonly Expr[] {
  if (branch.kind !== 'if') return branch.clauses.map((clause) => clause.body);
  return [branch.consequent, branch.alternative].filter((body): body is Expr => body !== undefined);
}

function onlyShows(e: Expr): boolean {
  if (e.kind === 'block') return e.body.every(onlyShows);
  return (e.kind === 'atom' && (e.value === 'nil' || e.value === 'ok')) || (e.kind === 'call' && shows.test(`${e.module}.${e.name}`));
}

function isTextLike(e: Expr): boolean {
  return e.kind === 'string' || e.kind === 'charlist' || (e.kind === 'binary' && e.operator === '<>');
}

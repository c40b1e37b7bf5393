/** What runs where a search for a named process found none. */
import { type Call, descendants, type Expr } from '../elixir/ir';
import { bindingAt, usesOf } from './bindings';
import type { Lookup } from './cluster-names';
import { type FileFacts, parentOf } from './facts';
import { calledFunction } from './values';

/** The code of the branches that run when nothing was found, wherever the answer is tested: `case`, `with`, `if`, `||`. */
export function absentBranches(file: FileFacts, lookup: Lookup): readonly Expr[] {
  return answers(file, lookup.call).flatMap((answer) => branchesFor(file, answer, lookup));
}

/** The call, and every use of the variable that it is bound to. */
function answers(file: FileFacts, call: Call): readonly Expr[] {
  const parent = parentOf(file, call);
  const binding = parent?.kind === 'match' && parent.pattern.kind === 'variable' ? bindingAt(file, parent.pattern) : undefined;
  // The match itself is a condition in `if pid = whereis(name)`.
  return binding ? [call, parent as Expr, ...usesOf(file, binding)] : [call];
}

function branchesFor(file: FileFacts, answer: Expr, { absent }: Lookup): readonly Expr[] {
  const parent = parentOf(file, answer);
  switch (parent?.kind) {
    case 'case':
      return parent.subject === answer ? parent.clauses.filter((c) => c.patterns.some((p) => isAbsent(p, absent))).map((c) => c.body) : [];
    case 'arrow': {
      const holder = parentOf(file, parent);
      return holder?.kind === 'with' && parent.value === answer && isAbsent(parent.pattern, absent) ? [holder.body] : [];
    }
    case 'if':
      return parent.condition === answer && absent === 'nil' ? presentOnly([parent.alternative]) : [];
    case 'binary': {
      if (parent.operator === '||' && parent.left === answer && absent === 'nil') return [parent.right];
      const other = parent.left === answer ? parent.right : parent.left;
      return isAbsent(other, absent) ? branchesOfTest(file, parent, parent.operator) : [];
    }
    case 'call':
      return parent.name === 'is_nil' && absent === 'nil' ? branchesOfTest(file, parent, '==') : [];
    default:
      return [];
  }
}

/** Of `answer == :undefined` as a condition. */
function branchesOfTest(file: FileFacts, test: Expr, operator: string): readonly Expr[] {
  const holder = parentOf(file, test);
  if (holder?.kind !== 'if' || holder.condition !== test) return [];
  if (operator === '==' || operator === '===') return presentOnly([holder.consequent]);
  return operator === '!=' || operator === '!==' ? presentOnly([holder.alternative]) : [];
}

const presentOnly = (parts: readonly (Expr | undefined)[]): readonly Expr[] => parts.filter((part) => part !== undefined);

function isAbsent(pattern: Expr, absent: Lookup['absent']): boolean {
  // Before 0.7, Horde answered `:undefined` too.
  if (absent === 'empty' && pattern.kind === 'list') return pattern.items.length === 0 && !pattern.tail;
  return pattern.kind === 'atom' && pattern.value === (absent === 'nil' ? 'nil' : 'undefined');
}

/** Calls in the code that start a process or register one: directly, or through a function of the module that only does so. */
export function startsIn(file: FileFacts, code: Expr): readonly Call[] {
  return [...descendants(code)].filter((e): e is Call => e.kind === 'call' && (isStart(e) || isOwnStart(file, e)));
}

function isStart(call: Call): boolean {
  if (/^(?:start_child|start_link|register_name)$/.test(call.name)) return call.module !== undefined || call.receiver !== undefined;
  return /^(?:GenServer|Agent|:syn|Horde\.Registry)$/.test(call.module ?? '') && /^(?:start|register)$/.test(call.name);
}

function isOwnStart(file: FileFacts, call: Call): boolean {
  const def = /^(?:start|register|create|spawn|launch|open)/.test(call.name) ? calledFunction(file, call) : undefined;
  return def?.clauses.length === 1 && def.clauses.some(({ clause }) => clause.body.kind === 'call' && isStart(clause.body));
}

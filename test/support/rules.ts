/** Rules for tests that need any rule. */
import type { Call } from '../../core/elixir/ir';
import { callsTo } from '../../core/facts/facts';
import type { Rule } from '../../core/rule';
import type { Range } from '../../core/text';

/** A rule that finds nothing, unless `parts` say otherwise. */
export function rule(id: string, parts: Partial<Rule> = {}): Rule {
  return {
    id,
    summary: 'A rule of a test.',
    category: 'correctness',
    severity: 'warning',
    rationale: 'It serves a test.',
    references: [],
    examples: [],
    triggers: {},
    check: () => [],
    ...parts,
  };
}

/** A rule that finds every call of a function. */
export function callRule(id: string, mfa: string, rangeOf: (call: Call) => Range = (call) => call.callee): Rule {
  return rule(id, {
    triggers: { calls: [mfa] },
    *check(file) {
      for (const call of callsTo(file, [mfa])) yield { range: rangeOf(call), message: 'Called.' };
    },
  });
}

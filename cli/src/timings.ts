/** Where the time of a run goes, for `--timings`. */
import { performance } from 'node:perf_hooks';
import type { Rule } from '../../core/rule';

export interface Timings {
  /** Runs `step` and counts its time under `name`, without that of the steps within it. */
  measure<T>(name: string, step: () => T): T;
  /** The same rule, with the time of its runs counted. */
  timed(rule: Rule): Rule;
  /** The steps, then the slowest rules; milliseconds. */
  describe(): string;
}

const slowest = 10;

export function createTimings(): Timings {
  const steps = new Map<string, number>();
  const rules = new Map<string, number>();
  /** Time of the steps within each of the steps that run now. */
  const within = [0];

  /** Runs `step`, tells `record` its own time, and counts for the step around it what `outer` says. */
  function run<T>(step: () => T, record: (own: number) => void, outer: (whole: number, inner: number) => number): T {
    const start = performance.now();
    within.push(0);
    try {
      return step();
    } finally {
      const whole = performance.now() - start;
      const inner = within.pop() ?? 0;
      record(whole - inner);
      within.push((within.pop() ?? 0) + outer(whole, inner));
    }
  }

  return {
    measure: (name, step) =>
      run(
        step,
        (own) => add(steps, name, own),
        (whole) => whole,
      ),
    timed: (rule) => ({
      ...rule,
      check: (file, context) =>
        run(
          () => [...rule.check(file, context)],
          (own) => add(rules, rule.id, own),
          (_, inner) => inner,
        ),
      ...(rule.checkProject && {
        checkProject: (project) =>
          run(
            () => [...(rule.checkProject?.(project) ?? [])],
            (own) => add(rules, rule.id, own),
            (_, inner) => inner,
          ),
      }),
    }),
    describe: () =>
      [
        ...rows([...steps]),
        ...(rules.size > 0 ? ['The slowest rules:', ...rows([...rules].sort((a, b) => b[1] - a[1]).slice(0, slowest))] : []),
      ].join('\n'),
  };
}

/** Measures nothing. */
export const noTimings: Timings = { measure: (_, step) => step(), timed: (rule) => rule, describe: () => '' };

function add(sums: Map<string, number>, name: string, time: number): void {
  sums.set(name, (sums.get(name) ?? 0) + time);
}

function rows(times: readonly (readonly [string, number])[]): readonly string[] {
  return times.map(([name, time]) => `${time.toFixed(1).padStart(9)} ms  ${name}`);
}

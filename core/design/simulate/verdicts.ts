/** What a run proves: which writes lived, who led beside whom, what clients got on each side. */
import { majority } from '../quorum';
import type { Copy, Origin, RunOperation } from './cluster';
import type { Run } from './engine';
import type { Keeping } from './protocol';
import type { Availability, Convergence, Fate, Operation, Verdicts } from './types';
import { nodeName } from './types';

/** Judges a run of `nodes` nodes that ended at `until`. */
export function judge(
  run: Run,
  keeping: Keeping,
  nodes: number,
  until: number,
): { readonly operations: readonly Operation[]; readonly verdicts: Verdicts } {
  const history = historyOf(run);
  const fates = new Map<number, Fate>();
  for (const operation of run.operations) {
    if (operation.request.do !== 'read') fates.set(operation.id, fate(operation, run, history, keeping, nodes));
  }
  const withFate = (outcome: Operation['outcome'], ...wanted: readonly Fate[]): readonly number[] =>
    run.operations
      .filter(({ id, ...operation }) => operation.outcome === outcome && wanted.includes(fates.get(id) as Fate))
      .map(({ id }) => id);
  return {
    operations: run.operations.map((operation) => finished(operation, fates.get(operation.id))),
    verdicts: {
      twoLeaders: run.overlaps,
      lost: withFate('accepted', 'lost'),
      divergent: withFate('accepted', 'divergent'),
      stale: run.operations.filter((operation) => isStale(operation, run, history)).map(({ id }) => id),
      refusedKept: withFate('refused', 'kept', 'merged', 'divergent'),
      convergence: convergence(run),
      availability: availability(run, until),
      safety: run.safety,
    },
  };
}

function finished(operation: RunOperation, itsFate: Fate | undefined): Operation {
  const { id, request, outcome, reason, answeredAt, value } = operation;
  return {
    id,
    request,
    outcome: outcome ?? 'unknown',
    ...(reason === undefined ? {} : { reason }),
    answeredAt,
    ...(value === undefined ? {} : { value }),
    ...(itsFate === undefined ? {} : { fate: itsFate }),
  };
}

/** Follows writes back to those that they come from. */
interface History {
  /** The writes in effect where these stand. */
  effects(standing: readonly number[]): ReadonlySet<number>;
  /** This write and all that its writer knew of. */
  past(write: number): ReadonlySet<number>;
}

function historyOf({ origins }: Run): History {
  function closure(start: readonly number[], kind: keyof Origin): ReadonlySet<number> {
    const all = new Set(start);
    for (const write of all) for (const earlier of origins.get(write)?.[kind] ?? []) all.add(earlier);
    return all;
  }
  return { effects: (standing) => closure(standing, 'basis'), past: (write) => closure([write], 'seen') };
}

function fate(operation: RunOperation, run: Run, history: History, keeping: Keeping, nodes: number): Fate {
  const running = run.copies.filter((copy) => copy.running);
  const copies = keeping === 'majority' || running.length === 0 ? run.copies : running;
  const having = copies.filter((copy) => history.effects(copy.holds).has(operation.id));
  if (having.length === 0) return operation.outcome === 'accepted' ? 'lost' : 'absent';
  if (having.length < (keeping === 'majority' ? majority(nodes) : copies.length)) return 'divergent';
  return having.every((copy) => hasSibling(operation, copy, run, history)) ? 'merged' : 'kept';
}

/** Whether another write of the same key stands in the copy, and neither writer knew of the other's. */
function hasSibling(operation: RunOperation, copy: Copy, run: Run, history: History): boolean {
  const past = history.past(operation.id);
  return copy.holds.some((standing) => {
    const other = run.operations[standing - 1];
    return other?.request.key === operation.request.key && !past.has(standing) && !history.past(standing).has(operation.id);
  });
}

/** Whether a read missed a write of its key that was acknowledged before the read was asked. */
function isStale(read: RunOperation, run: Run, history: History): boolean {
  if (read.request.do !== 'read' || read.outcome !== 'accepted') return false;
  const seen = history.effects(read.saw);
  return run.operations.some(
    ({ id, request, outcome, answeredAt }) =>
      request.do !== 'read' && request.key === read.request.key && outcome === 'accepted' && answeredAt < read.request.at && !seen.has(id),
  );
}

function convergence(run: Run): Convergence {
  const copies = run.copies.filter((copy) => copy.running);
  const keys = new Set(copies.flatMap((copy) => Object.keys(copy.data)));
  const differing: { key: string; values: Record<string, string> }[] = [];
  for (const key of [...keys].sort()) {
    if (new Set(copies.map((copy) => copy.data[key])).size === 1) continue;
    const values: Record<string, string> = {};
    for (const { node, data } of copies) if (data[key] !== undefined) values[nodeName(node)] = data[key];
    differing.push({ key, values });
  }
  return { converged: differing.length === 0, partitioned: run.shapes.at(-1)?.whole === false, differing };
}

function availability(run: Run, until: number): readonly Availability[] {
  return run.shapes.flatMap((shape, index) => {
    const to = run.shapes[index + 1]?.from ?? until;
    return shape.sides.map((nodes) => {
      const side = nodes.map(nodeName);
      const asked = run.operations.filter(({ request }) => request.at >= shape.from && request.at < to && side.includes(request.node));
      const count = (outcome: Operation['outcome']): number => asked.filter((operation) => operation.outcome === outcome).length;
      return {
        from: Math.round(shape.from),
        to: Math.round(to),
        side,
        asked: asked.length,
        accepted: count('accepted'),
        refused: count('refused'),
        unknown: count('unknown'),
      };
    });
  });
}

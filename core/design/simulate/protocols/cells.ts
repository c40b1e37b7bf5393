/** Keys and values, and which write each value came from: the memory of a process, a table, a state machine. */
import type { Host, Pending } from '../protocol';

/** A value and the write that it came from. */
export interface Cell {
  readonly value: string;
  readonly write: number;
}

/** Cells by key. */
export type Cells = ReadonlyMap<string, Cell>;

/** What stands under the request's key once it took effect. */
export function changed(before: Cell | undefined, request: Pending): Cell {
  const value = request.kind === 'add' ? String(Number(before?.value ?? 0) + request.by) : request.value;
  return { value, write: request.id };
}

/** Answers a request from these cells and changes them. */
export function serve(host: Pick<Host<unknown>, 'accept' | 'builtOn'>, cells: Map<string, Cell>, request: Pending): void {
  const before = cells.get(request.key);
  if (request.kind !== 'read') {
    host.builtOn(request.id, writesOf(before));
    cells.set(request.key, changed(before, request));
    host.accept(request);
    return;
  }
  answerRead(host, before, request);
}

/** Answers a read from the cell under its key. */
export function answerRead(host: Pick<Host<unknown>, 'accept'>, cell: Cell | undefined, request: Pending): void {
  host.accept(request, cell?.value, writesOf(cell));
}

/** The write of a cell, if there is one. */
export function writesOf(cell: Cell | undefined): readonly number[] {
  return cell === undefined ? [] : [cell.write];
}

/** Key to value, in order of keys. */
export function toRecord(cells: Cells): Record<string, string> {
  return Object.fromEntries([...cells].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, cell]) => [key, cell.value]));
}

/** The writes that stand in the cells. */
export function writesIn(cells: Cells): readonly number[] {
  return [...cells.values()].map((cell) => cell.write);
}

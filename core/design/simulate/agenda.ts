/** The events to come, earliest first; events of the same instant keep the order in which they were entered. */

/** An event: when it happens, in milliseconds, and what it does. */
export interface Entry {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

/** A queue of events. */
export interface Agenda {
  /** Enters an event; an instant in the past counts as now. */
  enter(at: number, act: () => void): void;
  /** Takes the earliest event out, if it is not after `limit`. */
  take(limit: number): Entry | undefined;
}

/** A binary heap by instant and order of entry. */
export function agenda(): Agenda {
  const heap: Entry[] = [];
  let order = 0;

  function before(a: Entry, b: Entry): boolean {
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  function rise(entry: Entry): void {
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Entry;
      if (before(above, entry)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  function sink(entry: Entry): void {
    const size = heap.length;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && before(heap[child + 1] as Entry, heap[child] as Entry)) child++;
      if (before(entry, heap[child] as Entry)) break;
      heap[at] = heap[child] as Entry;
      at = child;
    }
    heap[at] = entry;
  }

  return {
    enter: (at, act) => rise({ at, order: order++, act }),
    take(limit) {
      const first = heap[0];
      if (first === undefined || first.at > limit) return undefined;
      const last = heap.pop() as Entry;
      if (heap.length > 0) sink(last);
      return first;
    },
  };
}

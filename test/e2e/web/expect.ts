/** What Node's `assert` does, where there is no Node. */

const limit = 50_000;

declare function setTimeout(callback: () => void, milliseconds: number): unknown;

/** Throws unless both are the same data. */
export function same(actual: unknown, expected: unknown): void {
  const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (found !== wanted) throw new Error(`Expected ${wanted}, not ${found}`);
}

/** Reads until the value is the expected one; rejects with the last one. */
export async function until(what: string, read: () => unknown, expected: unknown): Promise<void> {
  const end = Date.now() + limit;
  while (JSON.stringify(read()) !== JSON.stringify(expected)) {
    if (Date.now() > end)
      throw new Error(`Waited ${limit} ms for ${what} to be ${JSON.stringify(expected)}; last: ${JSON.stringify(read())}`);
    await new Promise<void>((resolve) => setTimeout(resolve, 20));
  }
}

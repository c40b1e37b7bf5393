/** Collections over many files that are only put together where someone asks. */

/** A map whose values are found on demand and kept; its names are only gathered when it is walked. */
export class LazyMap<V> implements ReadonlyMap<string, V> {
  readonly #found = new Map<string, V | undefined>();
  readonly #find: (name: string) => V | undefined;
  readonly #names: () => Iterable<string>;
  #all: ReadonlyMap<string, V> | undefined;

  constructor(find: (name: string) => V | undefined, names: () => Iterable<string>) {
    this.#find = find;
    this.#names = names;
  }

  get(name: string): V | undefined {
    if (this.#all) return this.#all.get(name);
    if (!this.#found.has(name)) this.#found.set(name, this.#find(name));
    return this.#found.get(name);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  get size(): number {
    return this.#whole().size;
  }

  forEach(callback: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this.#whole()) callback(value, key, this);
  }

  entries() {
    return this.#whole().entries();
  }

  keys() {
    return this.#whole().keys();
  }

  values() {
    return this.#whole().values();
  }

  [Symbol.iterator]() {
    return this.entries();
  }

  #whole(): ReadonlyMap<string, V> {
    if (this.#all) return this.#all;
    const all = new Map<string, V>();
    for (const name of new Set(this.#names())) {
      const value = this.get(name);
      if (value !== undefined) all.set(name, value);
    }
    this.#all = all;
    return all;
  }
}

/** A set that asks whether a word is there instead of gathering all words. */
export class LazySet implements ReadonlySet<string> {
  readonly #map: LazyMap<string>;

  constructor(has: (word: string) => boolean, words: () => Iterable<string>) {
    this.#map = new LazyMap((word) => (has(word) ? word : undefined), words);
  }

  has(word: string): boolean {
    return this.#map.has(word);
  }

  get size(): number {
    return this.#map.size;
  }

  forEach(callback: (value: string, again: string, set: ReadonlySet<string>) => void): void {
    for (const word of this.#map.keys()) callback(word, word, this);
  }

  entries() {
    return this.#map.entries();
  }

  keys() {
    return this.#map.keys();
  }

  values() {
    return this.#map.keys();
  }

  [Symbol.iterator]() {
    return this.#map.keys();
  }
}

/** Copies that tell each other everything they have, again and again: what all state-based CRDTs and gossiped registers share. */
import type { Host } from '../protocol';

/** delta_crdt's default `sync_interval`, in milliseconds. */
export const syncInterval = 200;

/** Sends `state()` to all `neighbours` every `interval`, the first time after a random part of it, so that nodes do not speak in chorus. */
export function keepSyncing<Message>(host: Host<Message>, neighbours: readonly number[], interval: number, state: () => Message): void {
  function sync(): void {
    for (const neighbour of neighbours) host.send(neighbour, state());
    host.after(interval, sync);
  }
  host.after(host.random(1, interval), sync);
}

/** Everyone but this node. */
export function others(host: { readonly self: number; readonly size: number }): readonly number[] {
  return Array.from({ length: host.size }, (_, node) => node).filter((node) => node !== host.self);
}

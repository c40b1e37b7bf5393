/** Netsplit's servers among the processes of this machine. Linux only, as the tests are that use it. */
import { readdirSync, readFileSync } from 'node:fs';

/** Process ids of the language servers below the process `ancestor`. */
export function serverProcesses(ancestor: number): readonly number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all.map(Number).filter((id) => commandOf(id).some((word) => word.endsWith('/dist/server.js')) && isBelow(id, ancestor));
}

function isBelow(id: number, ancestor: number): boolean {
  for (let at = id; at > 1; at = parentOf(at)) if (at === ancestor) return true;
  return false;
}

function commandOf(id: number): readonly string[] {
  return read(`/proc/${id}/cmdline`).split('\0');
}

/** 0 when the process has ended. */
function parentOf(id: number): number {
  return Number(/^PPid:\s*(\d+)/m.exec(read(`/proc/${id}/status`))?.[1] ?? 0);
}

/** Processes end while they are looked at. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

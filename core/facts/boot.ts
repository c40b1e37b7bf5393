/** What runs while a node or a process starts. */
import type { Expr } from '../elixir/ir';
import type { Context } from '../rule';
import { type FileFacts, type FunctionDef, functionClauseOf } from './facts';
import { callersOf } from './values';

const booting = /^Application\.start\/2$|\.(?:init\/1|handle_continue\/2)$/;
const hopLimit = 3;

/** Whether the code is reached from `start/2` of an application, from `init/1` or `handle_continue/2`, through a few calls, also of other files. */
export function runsAtBoot(file: FileFacts, e: Expr, context: Context): boolean {
  const def = functionClauseOf(file, e)?.def;
  return def !== undefined && isReached(file, def, context, hopLimit);
}

function isReached(file: FileFacts, def: FunctionDef, context: Context, hops: number): boolean {
  if (def.callback !== undefined) return booting.test(def.callback);
  if (hops === 0) return false;
  const here = callersOf(file, def).some((call) => {
    const caller = functionClauseOf(file, call)?.def;
    return caller !== undefined && caller !== def && isReached(file, caller, context, hops - 1);
  });
  if (here || def.kind !== 'def') return here;
  const places = context.project?.calls.get(`${def.module.name}.${def.name}`) ?? [];
  return places.some(({ path, range }) => {
    const other = path === file.path ? undefined : context.project?.files.get(path);
    const call = other?.calls.get(`${def.module.name}.${def.name}`)?.find(({ callee }) => callee.start === range.start);
    const caller = other && call && functionClauseOf(other, call)?.def;
    return other !== undefined && caller !== undefined && isReached(other, caller, context, hops - 1);
  });
}

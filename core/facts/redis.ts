/** Redis commands in a file, as the lists in which clients take them: `["SET", key, value, "NX"]`. */
import { type Expr, type List, stringValue } from '../elixir/ir';
import { type FileFacts, parentOf } from './facts';
import { sameValue } from './values';

export interface RedisCommand {
  readonly list: List;
  /** In capitals: `SET`. */
  readonly verb: string;
  readonly key: Expr;
  /** What follows the key. */
  readonly rest: readonly Expr[];
}

const verbs: ReadonlySet<string> = new Set([
  'SET',
  'SETNX',
  'DEL',
  'UNLINK',
  'EVAL',
  'EVALSHA',
  'EXPIRE',
  'PEXPIRE',
  'EXPIREAT',
  'PEXPIREAT',
]);

/** Every command of the file that sets, deletes, expires or runs a script, in the order of the text. */
export function redisCommandsIn(file: FileFacts): readonly RedisCommand[] {
  return file.exprs.flatMap((list): RedisCommand[] => {
    if (list.kind !== 'list') return [];
    const verb = stringValue(list.items[0])?.toUpperCase();
    const [, key, ...rest] = list.items;
    return verb !== undefined && key && verbs.has(verb) ? [{ list, verb, key, rest }] : [];
  });
}

/** Whether a command sets its key only when it does not exist. */
export function setsOnce({ verb, rest }: RedisCommand): boolean {
  return verb === 'SETNX' || (verb === 'SET' && rest.some((e) => optionOf(e) === 'NX'));
}

/** Whether a key that is set expires: by the command, or by another one of the same pipeline; undefined where it cannot be told. */
export function expires(file: FileFacts, command: RedisCommand): boolean | undefined {
  const options = command.verb === 'SET' ? command.rest.slice(1) : [];
  if (options.some((e) => /^(?:EX|PX|EXAT|PXAT|KEEPTTL)$/.test(optionOf(e) ?? ''))) return true;
  const pipeline = parentOf(file, command.list);
  const others = pipeline?.kind === 'list' ? redisCommandsIn(file).filter((c) => parentOf(file, c.list) === pipeline) : [];
  if (others.some((c) => /EXPIRE/.test(c.verb) && isSameKey(file, c.key, command.key))) return true;
  return command.list.tail || options.some((e) => e.kind !== 'string' && e.kind !== 'integer') ? undefined : false;
}

/** Whether two commands name the same key, also where they stand in different functions. */
export function isSameKey(file: FileFacts, a: Expr, b: Expr): boolean {
  return sameValue(file, a, b) || file.text.slice(a.range.start, a.range.end) === file.text.slice(b.range.start, b.range.end);
}

const optionOf = (e: Expr): string | undefined => stringValue(e)?.toUpperCase();

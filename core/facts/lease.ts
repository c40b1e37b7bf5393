/** Words that tell a lease, lock or leadership from other things that expire. */
import type { Expr } from '../elixir/ir';
import { bindingOf } from './bindings';
import { type FileFacts, functionClauseOf, moduleOf } from './facts';
import { originsOf } from './origins';

const leaseWords = /(?:^|_)(?:leases?|leader(?:ship)?|lock|mutex|fenc(?:e|ing)|tenure|ownership)(?:_|$)/;
/** Expiries of which somebody outside decides, in wall-clock time: credentials, cookies, rows, calendar dates. */
const outside =
  /(?:^|_)(?:jwt|jwk|jwks|oauth|token|tokens|cookie|cookies|session|sessions|cert|certificate|certificates|csrf|otp|password|passwords|user|users|account|accounts|invite|invitation|subscription|trial|license|coupon|card|dhcp|issued|iat|nbf|exp|expires_in|not_after|not_before|locked_at|locked_until|lockout|credentials?)(?:_|$)/;

/** `LockManager`, `acquire?`, `leader_id` as words joined by `_`, in lower case. */
export function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
}

/** Whether the value is named after something whose expiry is decided elsewhere. */
export function outsideWords(file: FileFacts, e: Expr): boolean {
  const clause = functionClauseOf(file, e);
  return [...namesOf(file, e), clause?.def.name ?? '', moduleOf(file, e)?.name ?? ''].some((name) => outside.test(wordsOf(name)));
}

/** Whether the value, its function or the last part of its module is named after a lease, a lock or leadership. */
export function leaseWordsAround(file: FileFacts, at: Expr, e: Expr): boolean {
  const clause = functionClauseOf(file, at);
  const module = moduleOf(file, at)?.name.split('.').at(-1) ?? '';
  return [...namesOf(file, e), clause?.def.name ?? '', module].some((name) => leaseWords.test(wordsOf(name)));
}

/** The names by which a value is reached: `lease.expiry` is `lease` and `expiry`, of a variable also what it was taken out of. */
export function namesOf(file: FileFacts, e: Expr): readonly string[] {
  switch (e.kind) {
    case 'variable': {
      const source = bindingOf(file, e)?.source;
      const path = source && 'path' in source ? source.path.flatMap((s) => (s.step === 'key' ? [s.key] : [])) : [];
      const from = source?.from === 'value' && source.expr.kind !== 'variable' ? namesOf(file, source.expr) : [];
      return [e.name, ...path, ...from];
    }
    case 'field':
      return [e.name, ...namesOf(file, e.subject)];
    case 'access':
      return [...(e.key.kind === 'atom' ? [e.key.value] : []), ...namesOf(file, e.subject)];
    case 'call':
      return e.name === 'get' || e.name === 'fetch!' ? e.args.flatMap((a) => (a.kind === 'atom' ? [a.value] : namesOf(file, a))) : [e.name];
    case 'binary':
      return [...namesOf(file, e.left), ...namesOf(file, e.right)];
    case 'attribute':
      return [e.name];
    default:
      return originsOf(file, e).flatMap((o) => (o.kind === 'field' ? [o.name] : []));
  }
}

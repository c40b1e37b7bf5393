/** Effects on what is not a part of the cluster: other services, the database, shared files, mail. */
import { type Call, descendants, type Expr, keywordValue } from '../elixir/ir';
import type { FileFacts } from './facts';
import { calledFunction } from './values';

export interface Effect {
  /** The function that has it, as Elixir writes it: `Req.post!`. */
  readonly name: string;
  /** The call in the code that was asked about: the effect itself, or the function of the module that has it. */
  readonly at: Call;
}

const effects: readonly (readonly [module: RegExp, name: RegExp])[] = [
  [/(?:^|\.)Repo$/, /^(?:insert|update|delete)(?:_all|_or_update)?!?$/],
  [/^(?:Req|HTTPoison|Tesla|:hackney)$/, /^(?:post|put|patch|delete|request)!?$/],
  [/^Finch$/, /^request!?$/],
  [/^:httpc$/, /^request$/],
  [/^ExAws$/, /^request!?$/],
  [/(?:^|\.)Mailer$/, /^deliver(?:_now|_later|_many)?!?$/],
  [/^File$/, /^(?:write|rm|rename|cp)!?$/],
  [/^System$/, /^(?:cmd|shell)$/],
];

/** The effect that a call has, itself or through the functions of the module that it calls directly. */
export function effectOf(file: FileFacts, e: Expr): Effect | undefined {
  if (e.kind !== 'call') return undefined;
  if (hasEffect(e)) return { name: nameOf(e), at: e };
  for (const { clause } of calledFunction(file, e)?.clauses ?? []) {
    for (const inside of descendants(clause.body)) if (inside.kind === 'call' && hasEffect(inside)) return { name: nameOf(inside), at: e };
  }
  return undefined;
}

const nameOf = (call: Call): string => `${call.module}.${call.name}`;

/** A row that is inserted with `on_conflict` may come twice. */
function hasEffect(call: Call): boolean {
  if (keywordValue(call.args.at(-1), 'on_conflict')) return false;
  return effects.some(([module, name]) => call.module !== undefined && module.test(call.module) && name.test(call.name));
}

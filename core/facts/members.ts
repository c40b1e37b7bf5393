/** Voting members that code writes down: lists of server ids, tables with a majority. */
import { type Expr, keywordPair, keywordValue, type Pair } from '../elixir/ir';
import { callsTo, type FileFacts } from './facts';
import { definitionOf } from './values';

/** How many voting members a list has, where it is written out, also as what each of them is mapped to. */
export function countOf(file: FileFacts, e: Expr): number | undefined {
  const list = definitionOf(file, e);
  if (list.kind === 'list') return list.tail ? undefined : list.items.filter((item) => !isNonVoter(item)).length;
  if (list.kind === 'call' && list.module === 'Enum' && list.name === 'map') return list.args[0] && countOf(file, list.args[0]);
  const [step, ...others] = list.kind === 'for' ? list.steps : [];
  return step?.kind === 'arrow' && others.length === 0 ? countOf(file, step.value) : undefined;
}

function isNonVoter(member: Expr): boolean {
  const membership = keywordValue(member, 'membership');
  return membership?.kind === 'atom' && /non_voter|promotable/.test(membership.value);
}

/** Tables of Mnesia that ask for a majority, with the lists of nodes that hold copies. */
export function majorityTables(file: FileFacts): readonly { readonly pair: Pair; readonly copies: readonly Pair[] }[] {
  return callsTo(file, [':mnesia.create_table/2']).flatMap((call) => {
    const options = call.args[1] && definitionOf(file, call.args[1]);
    const pair = keywordPair(options, 'majority');
    if (pair?.value.kind !== 'atom' || pair.value.value !== 'true') return [];
    const copies = ['ram_copies', 'disc_copies', 'disc_only_copies'].flatMap((key) => keywordPair(options, key) ?? []);
    return copies.length > 0 ? [{ pair, copies }] : [];
  });
}

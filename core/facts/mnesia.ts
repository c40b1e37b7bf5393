/** Mnesia: tables, where their copies are, and what becomes of them in a partition. */
import { type Call, type Expr, keywordValue, type Pair, pairsOf, stringValue } from '../elixir/ir';
import { callsTo, type FileFacts } from './facts';
import { originsOf } from './origins';
import { definitionOf } from './values';

export interface MnesiaTable {
  /** `:mnesia.create_table/2`, `Memento.Table.create/2`. */
  readonly created: Call;
  readonly name: Expr;
  /** The options, where they are written out. */
  readonly options: Expr | undefined;
  /** `disc_copies: nodes` and the like. */
  readonly copies: readonly Pair[];
}

const copyTypes = ['ram_copies', 'disc_copies', 'disc_only_copies'] as const;

/** Tables that the file creates. */
export function tablesIn(file: FileFacts): readonly MnesiaTable[] {
  return callsTo(file, [':mnesia.create_table/2', 'Memento.Table.create/2', 'Memento.Table.create!/2']).flatMap((created) => {
    const [name, given] = created.args;
    const value = given && definitionOf(file, given);
    const options = value?.kind === 'list' && !value.tail ? value : undefined;
    const copies = pairsOf(options).filter(({ key }) => key.kind === 'atom' && copyTypes.some((type) => type === key.value));
    return name ? [{ created, name, options, copies }] : [];
  });
}

/** Whether nodes are certainly, or by their name, more than one: a list of several, the visible nodes, configured members. */
export function areSeveralNodes(file: FileFacts, nodes: Expr): boolean {
  const value = definitionOf(file, nodes);
  if (value.kind === 'list' && !value.tail) return value.items.length > 1;
  return originsOf(file, nodes).some((origin) => {
    if (origin.kind === 'nodes') return !origin.counted;
    return origin.kind === 'setting' && origin.at.args.some((arg) => /nodes|members|cluster|hosts/.test(nameIn(arg)));
  });
}

/** Whether the option of the table is `true`. */
export function isOn(file: FileFacts, table: MnesiaTable, option: string): boolean {
  const value = keywordValue(table.options, option);
  const literal = value && definitionOf(file, value);
  return literal !== undefined && !(literal.kind === 'atom' && (literal.value === 'false' || literal.value === 'nil'));
}

function nameIn(e: Expr): string {
  return e.kind === 'atom' ? e.value : (stringValue(e) ?? '').toLowerCase();
}

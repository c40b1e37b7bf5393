/** ETS: rows that are inserted because they were not there a moment ago. */
import { type Call, type Clause, descendants, type Expr, type If } from '../elixir/ir';
import { ancestorsOf, callsTo, type FileFacts } from './facts';
import { definitionOf, resultsOf, sameValue } from './values';

/** A question for a row, and the insert in the branch for its absence. */
export interface AbsentInsert {
  readonly asked: Call;
  readonly insert: Call;
  readonly table: Expr;
  readonly key: Expr;
  readonly branch: Branch;
}

export type Branch =
  | { readonly kind: 'if'; readonly at: If; readonly absent: Expr; readonly present: Expr | undefined }
  | {
      readonly kind: 'case';
      readonly at: Expr;
      readonly absent: Expr;
      readonly present: Expr | undefined;
      readonly clauses: readonly Clause[];
    };

/** Every insert under a branch that was taken because the row is not there. */
export function absentInserts(file: FileFacts): readonly AbsentInsert[] {
  const inserts = callsTo(file, [':ets.insert/2']);
  if (inserts.length === 0) return [];
  return callsTo(file, [':ets.member/2', ':ets.lookup/2']).flatMap((asked): AbsentInsert[] => {
    const [table, key] = asked.args;
    const branch = branchOn(file, asked);
    if (!table || !key || !branch) return [];
    const within = new Set([...descendants(branch.absent)].map((e) => e.id));
    const insert = inserts.find((call) => within.has(call.id) && isOfRow(file, call, table, key) && !isInFunction(file, call, branch.at));
    return insert ? [{ asked, insert, table, key, branch }] : [];
  });
}

function isOfRow(file: FileFacts, insert: Call, table: Expr, key: Expr): boolean {
  const [into, given] = insert.args;
  const row = given && definitionOf(file, given);
  const [first] = row?.kind === 'tuple' ? row.items : [];
  return into !== undefined && first !== undefined && sameValue(file, into, table) && sameValue(file, first, key);
}

function isInFunction(file: FileFacts, e: Expr, until: Expr): boolean {
  for (const ancestor of ancestorsOf(file, e)) {
    if (ancestor === until) return false;
    if (ancestor.kind === 'fn') return true;
  }
  return true;
}

/** The branches on the answer, where they tell absence from presence. */
function branchOn(file: FileFacts, asked: Call): Branch | undefined {
  let negated = false;
  let below: Expr = asked;
  for (const at of ancestorsOf(file, asked)) {
    if (at.kind === 'unary' && /^(?:not|!)$/.test(at.operator)) negated = !negated;
    else if (at.kind === 'binary' && /^[!=]==?$/.test(at.operator) && asked.name === 'lookup' && isEmpty(at.right))
      negated = at.operator.startsWith('=') !== negated;
    else if (at.kind === 'call' && at.module === 'Enum' && at.name === 'empty?') negated = !negated;
    else if (at.kind === 'if' && at.condition === below) {
      // A list that is looked up is truthy, also when it is empty.
      if (asked.name === 'lookup' && below === asked) return undefined;
      const [present, absent] = negated ? [at.alternative, at.consequent] : [at.consequent, at.alternative];
      return absent && { kind: 'if', at, absent, present };
    } else if (at.kind === 'case' && at.subject === asked) {
      const isAbsent = ({ patterns: [p] }: Clause): boolean =>
        asked.name === 'member' ? p?.kind === 'atom' && p.value === 'false' : p !== undefined && isEmpty(p);
      const absent = at.clauses.find(isAbsent);
      const present = at.clauses.find((clause) => clause !== absent);
      return absent && { kind: 'case', at, absent: absent.body, present: present?.body, clauses: at.clauses };
    } else return undefined;
    below = at;
  }
  return undefined;
}

const isEmpty = (e: Expr): boolean => e.kind === 'list' && e.items.length === 0 && !e.tail;

const starting =
  /^(?:Kernel\.(?:spawn\w*|send)|(?:Dynamic|Task\.)?Supervisor\.(?:start_child|async\w*)|\w+Supervisor\.start_child|(?:Horde\.)?DynamicSupervisor\.start_child|Task\.(?:start\w*|async\w*)|(?:GenServer|Agent)\.(?:start\w*|cast)|Process\.send\w*|Port\.open|:gen_tcp\.connect|:gen_udp\.open|:ets\.new|Oban\.insert!?)$/;

/** What goes wrong when two callers both find the row absent; undefined where the second insert changes nothing of importance. */
export function harmOf(
  file: FileFacts,
  { insert, table, branch }: AbsentInsert,
): 'started twice' | 'counts lost' | 'two winners' | undefined {
  const others = [...descendants(branch.absent)].filter((e): e is Call => e.kind === 'call' && e !== insert);
  if (others.some((call) => starting.test(`${call.module}.${call.name}`) || /(?:^|\.)Repo\.insert!?$/.test(`${call.module}.${call.name}`)))
    return 'started twice';
  if (!branch.present) return undefined;
  for (const e of descendants(branch.present)) {
    if (
      e.kind === 'call' &&
      e.module === ':ets' &&
      /^update_(?:counter|element)$/.test(e.name) &&
      e.args[0] &&
      sameValue(file, e.args[0], table)
    ) {
      return e.name === 'update_counter' ? 'counts lost' : undefined;
    }
  }
  const [won, lost] = [resultsOf(branch.absent), resultsOf(branch.present)];
  return won.every(isYes) && lost.every(isNo) ? 'two winners' : undefined;
}

function isYes(e: Expr): boolean {
  const tag = e.kind === 'tuple' ? e.items[0] : e;
  return tag?.kind === 'atom' && /^(?:true|ok|new|acquired|locked|granted|created|registered|first|continue|allow)$/.test(tag.value);
}

function isNo(e: Expr): boolean {
  const tag = e.kind === 'tuple' ? e.items[0] : e;
  return (
    tag?.kind === 'atom' && /^(?:false|error|taken|exists|duplicate|locked|busy|already_\w+|seen|deny|denied|skip|halt)$/.test(tag.value)
  );
}

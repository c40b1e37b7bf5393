/** Who is counted: whether a comparison decides for a group of nodes, and whether this node is among those that are counted. */
import type { Binary, Expr } from '../elixir/ir';
import { type FileFacts, moduleOf, parentOf, textOf } from './facts';
import { type Origin, originsOf } from './origins';
import { actualTotal, isWhole, needsOnly, oppositeAtEquality, type QuorumComparison, quorumComparisonsIn } from './quorum';
import { definitionOf } from './values';
import { countsNodesWithoutSelf, visibleNodesOf } from './visible-nodes';
import { functionWords, wordsIn, wordsOf } from './words';

const deciding =
  /^(?:quorums?|quorate|majority|majorities|votes?|voted|ballots?|elect|elects|elected|election|elections|consensus|acks?|acked|acknowledged|grants?|granted|promises?|raft|paxos)$/;
const voting = /^(?:replicas?|peers?|members?|servers?|nodes?|cluster|voters?|participants?|instances?|acceptors?)$/;
const present =
  /^(?:alive|live|living|up|reachable|connected|visible|available|online|healthy|responses?|responded|replies|success|successes|confirmed|confirmations?|oks?)$/;
const limiting = /^(?:max|min|maximum|minimum|limit|capacity|target|desired|threshold|wanted|pool)$/;
const leading = /^(?:leaders?|leadership|candidate|raft|paxos|consensus|coordinator|failover|partition|netsplit|split|quorum|election)$/;

/** Whether names say that a comparison, or a number, decides for a group of nodes: half of a batch is no quorum. */
export function decidesForNodes(file: FileFacts, comparison: QuorumComparison): boolean {
  const { count, total, through, expr } = comparison;
  const counted = wordsOf(count, ...definitionsOf(file, count));
  const totalled = wordsOf(total, ...definitionsOf(file, total));
  const around = functionWords(file, expr);
  if ([counted, totalled, wordsOf(...through), around].some((words) => has(words, deciding))) return true;
  if (has(totalled, limiting) || has(wordsOf(...through), limiting) || picksOne(file, comparison)) return false;
  const module = new Set(wordsIn(moduleOf(file, expr)?.name.split('.').slice(-2).join('.') ?? ''));
  const ofNodes = has(counted, voting) || has(counted, present);
  if (ofNodes && has(totalled, voting)) return true;
  return (ofNodes || has(totalled, voting)) && [around, module].some((words) => has(words, leading));
}

/** `if a > b, do: a, else: b`: the larger or the smaller of the two, not a decision. */
function picksOne(file: FileFacts, { expr }: QuorumComparison): boolean {
  const parent = parentOf(file, expr);
  if (parent?.kind !== 'if' || parent.condition !== expr) return false;
  const picked = [parent.consequent, parent.alternative].flatMap((branch) => (branch ? [textOf(file, branch.range)] : []));
  return [expr.left, expr.right].every((side) => picked.includes(textOf(file, side.range)));
}

/** What a variable was bound to: its words count as evidence too. */
function definitionsOf(file: FileFacts, e: Expr): readonly Expr[] {
  const definition = definitionOf(file, e, 1);
  return definition === e || definition.kind === 'case' || definition.kind === 'block' ? [] : [definition];
}

function has(words: ReadonlySet<string>, pattern: RegExp): boolean {
  for (const word of words) if (pattern.test(word)) return true;
  return false;
}

const absent =
  /^(?:refus.*|reject.*|den(?:y|ied|ials?)|fail.*|lost|down|dead|nacks?|nays?|errors?|missing|missed|unreach.*|absent|against|suspect.*|timeouts?|bad|unavailable|offline|no)$/;
const others = /^(?:followers?|others?|remotes?|peers?|neighbou?rs?|rest|backups?|slaves?)$/;

/** Whether the count is of those that are gone or refuse: half of them is enough to block. */
export function countsAbsent(comparison: QuorumComparison): boolean {
  return has(wordsOf(comparison.count), absent);
}

/** Whether the count is, or may be, of the others only, so that the node that counts is one more. */
export function countsOthers(file: FileFacts, comparison: QuorumComparison): boolean {
  if (has(wordsOf(comparison.count, ...comparison.through), others)) return true;
  return originsOf(file, comparison.count).some(isOthers) || commentSaysOthers(file, comparison.expr);
}

const isOthers = (origin: Origin): boolean => origin.kind === 'nodes' && !origin.self;

/** A comment on the line or the line above that says the counting node is left out. */
function commentSaysOthers(file: FileFacts, e: Expr): boolean {
  const lineStart = file.text.lastIndexOf('\n', e.range.start - 1);
  const above = file.text.lastIndexOf('\n', lineStart - 1);
  const next = file.text.indexOf('\n', e.range.end);
  const end = next < 0 ? file.text.length : next;
  return file.comments.some(
    ({ range, text }) =>
      range.start > above &&
      range.end <= end &&
      /\b(?:exclud\w+|without|besides|plus|except|not counting)\b.*\b(?:self|itself|us|leader|me|this node)\b/i.test(text),
  );
}

/** Names of the number of all nodes. */
export const clusterSize = /^(?:cluster_size|total_nodes|nodes_total|cluster_node_count)$/;
const sizeWord = /(?:^|_)(?:cluster_size|total_nodes|quorum|quorum_size|majority)$/;

/** A count of the other nodes where one of all nodes is needed. */
export interface CountWithoutSelf {
  readonly count: Expr;
  /** What the comparison has to become besides, once this node is counted. */
  readonly operator?: string;
}

/** The count of other nodes that is compared with a majority or with the size of the cluster, as if this node were in it. */
export function countWithoutSelf(file: FileFacts, e: Binary): CountWithoutSelf | undefined {
  const comparison = quorumComparisonsIn(file).find(({ expr }) => expr === e);
  if (comparison) {
    const { count } = comparison;
    if (!countsNodesWithoutSelf(file, count) || visibleNodesOf(file, actualTotal(file, comparison)).length > 0) return undefined;
    if (needsOnly(comparison, 'majority') || needsOnly(comparison, 'over')) return { count };
    // Of the others `div(n, 2)` are right; `n / 2` asks for one too many of an odd number.
    const operator = oppositeAtEquality(comparison);
    return needsOnly(comparison, 'half') && !isWhole(comparison.bound) && operator !== undefined ? { count, operator } : undefined;
  }
  if (!/^(?:[<>]=?|[!=]==?)$/.test(e.operator)) return undefined;
  for (const [count, size] of [
    [e.left, e.right],
    [e.right, e.left],
  ] as const) {
    if (countsNodesWithoutSelf(file, count) && sizeWord.test(nameOf(size)) && definitionOf(file, size).kind !== 'binary') return { count };
  }
  return undefined;
}

/** The name under which a value is read: of a variable, field, attribute, function or setting. */
function nameOf(e: Expr): string {
  if (e.kind === 'variable' || e.kind === 'field' || e.kind === 'attribute') return e.name;
  if (e.kind === 'access') return e.key.kind === 'atom' ? e.key.value : '';
  if (e.kind !== 'call') return '';
  const key = e.args.find((arg) => arg.kind === 'atom' && sizeWord.test(arg.value));
  return key?.kind === 'atom' ? key.value : e.name;
}

/** A decision as a document: everything a reader needs, as data, as a Markdown section, as ADRs in the form of MADR 4, and as JSON. */
import { answersFile } from './answers';
import { fullMeshLimit, hyparview } from './clustering';
import { type ConsistencyChoice, consistencyOf, levelOf } from './consistency';
import type { ClassDecision, Decision } from './decide';
import { type FailureMode, failureModes } from './failureModes';
import { embedAnswers, type Section, slug } from './learnings';
import { leaseRules } from './lease';
import { bullets, continued, fenced, joinLines, links, numbered, plain, table } from './markdown';
import { clusterSignals, type Signal, signalsOf } from './monitoring';
import { commonOperations } from './operations';
import type { Option, Technique } from './option';
import { optionOf, techniqueOf } from './options';
import { capTradeoff, commonTraps, debugging, implementationPlan, leaseFor, rollbackPlan, type Trap, testingStrategy } from './plan';
import { known } from './presumptions';
import { answerText, grouped } from './questions';
import {
  isSize,
  majority,
  membershipPath,
  type QuorumRow,
  quorumTable,
  recommendedVoters,
  toleratedFailures,
  visibleNodesCaveat,
} from './quorum';
import type { Evaluation } from './rank';

/** Code that a generator made for a class: shown in the document, or named when it was written beside it. */
export interface GeneratedFile {
  /** The class it belongs to; absent for the cluster. */
  readonly class?: string;
  readonly path: string;
  readonly content: string;
  readonly what: string;
}

/** A decision with everything that follows from it. */
export interface Report {
  readonly decision: Decision;
  readonly classes: readonly ClassReport[];
  readonly traps: readonly Trap[];
  readonly debugging: readonly Trap[];
  readonly code: readonly GeneratedFile[];
  /** Whether documents show the code or only name its files, as where they were written beside it. JSON always holds it. */
  readonly codeShown: CodeShown;
}

export type CodeShown = 'whole' | 'named';

export interface ClassReport {
  readonly decision: ClassDecision;
  /** Absent without a recommendation, as all below. */
  readonly option?: Option;
  readonly consistency?: ConsistencyChoice;
  readonly cap?: string;
  readonly quorum?: QuorumReport;
  readonly lease?: NonNullable<ReturnType<typeof leaseFor>>;
  readonly failureModes: readonly FailureMode[];
  readonly techniques: readonly Technique[];
  readonly plan: readonly string[];
  readonly operations?: string;
  readonly testing: readonly string[];
  readonly signals: readonly Signal[];
  readonly migration: readonly string[];
  readonly rollback: readonly string[];
}

export interface QuorumReport {
  readonly voters: number;
  readonly majority: number;
  readonly tolerated: number;
  readonly rows: readonly QuorumRow[];
  /** What the projected size changes; absent when it is unknown. */
  readonly projected?: string;
  /** Steps to the voters of the projected size, one member at a time. */
  readonly growth: readonly string[];
}

/** Works out everything that follows from a decision. `code` is what generators made for it. */
export function reportOf(decision: Decision, code: readonly GeneratedFile[] = [], codeShown: CodeShown = 'whole'): Report {
  const classes = decision.classes.map((one) => classReport(one, decision.design.app));
  const used = classes.flatMap(({ option }) => (option === undefined ? [] : [option]));
  return { decision, classes, traps: commonTraps(used), debugging, code, codeShown };
}

function classReport(decision: ClassDecision, app: string | undefined): ClassReport {
  const { situation, recommended } = decision;
  if (recommended === undefined) {
    return {
      decision,
      failureModes: [],
      techniques: [],
      plan: [],
      testing: [],
      signals: clusterSignals(undefined, situation),
      migration: [],
      rollback: [],
    };
  }
  const option = optionOf(recommended.option);
  const lease = leaseFor(option, situation);
  const quorum = quorumReport(option, decision);
  const operations = commonOperations(option, situation.answers.kind, app);
  return {
    decision,
    option,
    consistency: consistencyOf(option),
    cap: capTradeoff(option, situation),
    ...(quorum === undefined ? {} : { quorum }),
    ...(lease === undefined ? {} : { lease }),
    failureModes: failureModes(option, situation),
    techniques: option.techniques.map(techniqueOf),
    plan: implementationPlan(option, situation, app),
    ...(operations === undefined ? {} : { operations }),
    testing: testingStrategy(option, situation),
    signals: signalsOf(option, situation, app),
    ...rollbackPlan(option),
  };
}

function quorumReport(option: Option, { situation }: ClassDecision): QuorumReport | undefined {
  const { size, projectedSize } = situation.cluster;
  const nodes = size ?? projectedSize;
  if (option.decides !== 'majority' || nodes === undefined || !isSize(nodes)) return undefined;
  const voters = recommendedVoters(nodes);
  const target = projectedSize === undefined || !isSize(projectedSize) ? voters : recommendedVoters(projectedSize);
  const rows = quorumTable([...new Set([3, 4, 5, 7, nodes <= 9 ? nodes : 5, voters, target])].sort((a, b) => a - b));
  const growth = membershipPath(voters, target).steps.map(
    (one) => `${one.from} → ${one.to} voters: ${one.action} one member, wait until it has caught up; ${one.majority} must agree.`,
  );
  const projected =
    projectedSize === undefined
      ? undefined
      : `For the projected ${answerText('projectedSize', projectedSize)}: ${target} voters, majority ${majority(target)}, tolerates ${toleratedFailures(target)}; the other nodes are clients.`;
  return {
    voters,
    majority: majority(voters),
    tolerated: toleratedFailures(voters),
    rows,
    ...(projected === undefined ? {} : { projected }),
    growth,
  };
}

/** The section for the project's knowledge base: `upsert` writes it, `storedDesigns` reads its answers back. */
export function decisionSection(report: Report): Section {
  const { design } = report.decision;
  return {
    id: `decision/${slug(design.name)}`,
    heading: `## Distributed design: ${plain(design.name)}`,
    body: joinLines([embedAnswers(answersFile(design)), '', ...body(report, 3)]),
  };
}

/** The whole decision as a Markdown document of its own. */
export function markdownDocument(report: Report): string {
  return joinLines([`# Distributed design: ${plain(report.decision.design.name)}`, '', ...body(report, 2)]);
}

/** The decision as plain data for `JSON.stringify`: the answers as a file says them, and all that was worked out. */
export function jsonDocument(report: Report): Readonly<Record<string, unknown>> {
  const { decision, classes, traps, code } = report;
  return {
    version: 1,
    answers: answersFile(decision.design),
    cluster: decision.cluster,
    contradictions: decision.contradictions,
    classes: classes.map(({ decision: { situation: _situation, ...rest }, option, ...report }) => ({
      ...rest,
      ...(option === undefined
        ? {}
        : {
            option: {
              id: option.id,
              name: option.name,
              cap: option.cap,
              pacelc: option.pacelc,
              libraries: option.libraries,
              references: option.references,
            },
          }),
      ...report,
    })),
    traps,
    code,
  };
}

/** An ADR per class, and one for the cluster when there is no class: file name and text, in the form of MADR 4. */
export function madrDocuments(report: Report): readonly { readonly fileName: string; readonly text: string }[] {
  const { decision, classes } = report;
  if (classes.length === 0) return [{ fileName: `${slug(`${decision.design.name} cluster`)}.md`, text: clusterMadr(report) }];
  return classes.map((one) => ({ fileName: `${slug(one.decision.name)}.md`, text: classMadr(one, report) }));
}

function body(report: Report, level: number): readonly string[] {
  const { decision, classes } = report;
  const h = (depth: number, text: string) => `${'#'.repeat(level + depth)} ${text}`;
  return [
    h(0, 'Summary'),
    '',
    ...table(
      ['Class', 'Recommendation', 'Fit', 'CAP', 'During a partition'],
      classes.map(({ decision: one, option }) => [
        plain(one.name),
        option?.name ?? 'None',
        one.recommended === undefined ? '' : `${one.recommended.fit}/10`,
        option?.cap ?? '',
        option?.partition.minority ?? one.refusal ?? '',
      ]),
    ),
    ...contradictionLines(decision),
    h(0, 'Cluster configuration'),
    '',
    ...clusterLines(report, h),
    ...classes.flatMap((one) => classLines(one, report, h)),
    h(0, 'Common gotchas'),
    '',
    ...bullets(report.traps.map(({ title, text }) => `**${title}**: ${text}`)),
    h(0, 'Distributed debugging'),
    '',
    ...bullets(report.debugging.map(({ title, text }) => `**${title}**: ${text}`)),
  ];
}

function contradictionLines(decision: Decision): readonly string[] {
  if (decision.contradictions.length === 0) return [];
  return [
    'Answers that cannot both hold:',
    '',
    ...bullets(
      decision.contradictions.map(
        ({ first, second, why }) => `\`${first.path}: ${first.value}\` and \`${second.path}: ${second.value}\`. ${why}`,
      ),
    ),
  ];
}

function clusterLines({ decision, code, codeShown }: Report, h: (depth: number, text: string) => string): readonly string[] {
  const { cluster, design } = decision;
  const { size, projectedSize, geography, network, platform } = design.cluster;
  const found = cluster.discovery;
  return [
    `**Topology**: ${cluster.name}`,
    '',
    ...bullets(cluster.because),
    ...table(
      ['', ''],
      [
        ['Nodes today', answerText('size', size)],
        ['Nodes projected', answerText('projectedSize', projectedSize)],
        ['Geography', answerText('geography', geography)],
        ['Network', answerText('network', network)],
        ['Platform', answerText('platform', platform)],
        ...(cluster.nodes === undefined
          ? []
          : [
              [`Connections of ${grouped(cluster.nodes)} nodes in full mesh, n(n−1)/2`, grouped(cluster.meshConnections ?? 0)],
              [`Connections with HyParView, active view ${hyparview.activeView}`, `at most ${grouped(cluster.hyparviewConnections ?? 0)}`],
            ]),
      ],
    ),
    ...table(
      ['Other topologies', 'When', 'Ruled out by'],
      cluster.alternatives.map(({ name, when, veto }) => [name, when, veto ?? '']),
    ),
    `The boundary of ${fullMeshLimit.value} nodes: ${fullMeshLimit.why}`,
    '',
    ...(found === undefined
      ? []
      : [
          h(1, 'Discovery'),
          '',
          `\`${found.strategy}\` (${found.library} ${found.version}${found.package === undefined ? '' : `, package ${found.package}`})`,
          '',
          ...table(
            ['Key', 'Needed', 'Meaning'],
            [
              ...found.required.map(({ key, meaning }) => [`\`${key}\``, 'yes', meaning]),
              ...found.optional.map(({ key, meaning }) => [`\`${key}\``, 'no', meaning]),
            ],
          ),
          ...fenced('elixir', found.config),
          ...bullets(found.notes),
        ]),
    ...codeSection(
      code.filter((file) => file.class === undefined),
      codeShown,
      h,
    ),
    ...(cluster.migration.length === 0 ? [] : [h(1, 'Out of the full mesh'), '', ...numbered(cluster.migration)]),
    h(1, 'Security of the cluster'),
    '',
    ...bullets(cluster.security),
    ...(cluster.open.length === 0 ? [] : [h(1, 'Unknown about the cluster'), '', ...bullets(cluster.open)]),
  ];
}

function classLines(
  report: ClassReport,
  { decision: whole, code, codeShown }: Report,
  h: (depth: number, text: string) => string,
): readonly string[] {
  const { decision, option, consistency, quorum, lease } = report;
  const { recommended } = decision;
  return [
    h(0, `${plain(decision.name)}: ${option?.name ?? 'no recommendation'}`),
    '',
    h(1, 'Requirements'),
    '',
    `**Current state**: ${currentState(decision)}`,
    '',
    ...table(
      ['Question', 'Answer', ''],
      decision.context
        .filter((row) => row.source !== 'unknown')
        .map((row) => [row.text, row.answer, row.source === 'presumed' ? 'presumed' : '']),
    ),
    ...unknownLine(decision),
    h(1, 'Options considered'),
    '',
    ...optionLines(decision),
    ...(recommended === undefined ? [] : tableOf(recommended, h(2, `How ${recommended.name} got its fit`))),
    ...(decision.runnerUp === undefined || decision.runnerUp.weight < tellingWeight
      ? []
      : tableOf(decision.runnerUp, h(2, `How ${decision.runnerUp.name} got its fit`))),
    h(1, 'Consensus strategy: recommendation and rationale'),
    '',
    ...(option === undefined
      ? [decision.refusal ?? 'Nothing is recommended.', '', ...openLines(decision)]
      : [
          `**Decision**: ${option.name} for ${plain(decision.name)}. ${option.summary}`,
          '',
          ...bullets(decision.because),
          ...(decision.tie === undefined ? [] : [`**Close call**: ${decision.tie}`, '']),
          ...bullets(decision.notes),
          `**Libraries**: ${option.libraries.map(({ name, version, note }) => `\`${name}\`${version === undefined ? '' : ` ${version}`}${note === undefined ? '' : ` (${note})`}`).join(', ') || 'none'}`,
          '',
          '**Needs**',
          '',
          ...bullets(option.needs),
          '**Cannot**',
          '',
          ...bullets(option.cannot),
        ]),
    ...(option === undefined || consistency === undefined
      ? []
      : [
          h(1, 'Consistency model and CAP trade-off'),
          '',
          report.cap ?? '',
          '',
          ...needLine(decision),
          `**Gives**: ${consistency.level.name.toLowerCase()}. A reader sees: ${consistency.level.readerSees}`,
          '',
          ...bullets([`How: ${consistency.implementation}`, `Weaker: ${consistency.weaker}`, `Cost: ${consistency.level.cost}`]),
          ...latencyLines(decision),
          ...techniqueLines(report, h),
          ...quorumLines(quorum, h),
          ...leaseLines(lease, h),
          h(1, 'Failure modes'),
          '',
          ...table(
            ['What breaks', 'What happens', 'What the client sees', 'Available'],
            report.failureModes.map((mode) => [mode.event, mode.happens, mode.clientSees, mode.available]),
          ),
          h(1, 'Network partition handling'),
          '',
          ...bullets([
            `**Strategy**: ${partitionStrategy(option)}`,
            `**After the heal**: ${option.partition.heal}`,
            `**Detection**: ${report.signals[0]?.read ?? ''}, every 10 s, and node events as they come.`,
            `**Alerting**: ${report.signals[0]?.page ?? report.signals[0]?.warn ?? ''}.`,
          ]),
          h(1, 'Implementation plan'),
          '',
          ...numbered(report.plan),
          ...(report.operations === undefined ? [] : [h(1, 'Common operations'), '', ...fenced('elixir', report.operations)]),
          ...codeSection(
            code.filter((file) => file.class === decision.name),
            codeShown,
            h,
          ),
          h(1, 'Testing strategy'),
          '',
          ...bullets(report.testing),
          h(1, 'Monitoring and alerting'),
          '',
          ...table(
            ['Signal', 'How it is read', 'Warn', 'Page', 'Why'],
            report.signals.map((signal) => [signal.name, signal.read, signal.warn, signal.page ?? '', signal.why]),
          ),
          h(1, 'Migration and rollback plan'),
          '',
          '**Migration**',
          '',
          ...numbered(report.migration),
          '**Rollback**',
          '',
          ...numbered(report.rollback),
          h(1, 'Open questions and sensitivity'),
          '',
          ...openLines(decision),
          ...(decision.sensitivity.length === 0
            ? ['No single answer would change the recommendation.', '']
            : bullets(decision.sensitivity.map((flip) => flip.sentence))),
          h(1, 'References'),
          '',
          ...links([...option.references, ...whole.cluster.references]),
          ...(option.rules.length === 0
            ? []
            : [`Rules that look for its typical mistakes: ${option.rules.map((rule) => `\`${rule}\``).join(', ')}.`, '']),
        ]),
  ];
}

/** Below this sum of weights a fit says nothing about the class: only its surroundings were weighed. */
export const tellingWeight = 8;

function optionLines({ ranked }: ClassDecision): readonly string[] {
  if ((ranked[0]?.weight ?? 0) < tellingWeight)
    return [`Not weighed, because too little is known: ${ranked.map((one) => one.name).join(' · ')}.`, ''];
  return table(
    ['Option', 'CAP', 'Fit', 'Pros', 'Cons', 'Ruled out by'],
    ranked.map((one) => {
      const { pros, cons, cap } = optionOf(one.option);
      return [one.name, cap, `${one.fit}/10`, pros.join(' '), cons.join(' '), one.vetoes.map((veto) => veto.reason).join(' ')];
    }),
  );
}

function partitionStrategy({ cap, decides, partition }: Option): string {
  switch (decides) {
    case 'majority':
      return `${cap}. The majority side: ${continued(partition.majority)} The minority side: ${continued(partition.minority)}`;
    case 'outside':
      return `${cap}. Where the service is reached: ${continued(partition.majority)} Where it is not: ${continued(partition.minority)}`;
    default:
      return partition.majority === partition.minority
        ? `${cap}. Every side: ${continued(partition.majority)}`
        : `${cap}. One side: ${continued(partition.majority)} The other: ${continued(partition.minority)}`;
  }
}

function tableOf(evaluation: Evaluation, heading: string): readonly string[] {
  return [
    heading,
    '',
    ...table(
      ['Criterion', 'Answer', 'Points', 'Weight', 'Why'],
      [
        ...evaluation.criteria.map((row) => [
          row.name,
          `${row.answer}${row.source === 'answered' ? '' : ` (${row.source})`}`,
          String(row.points),
          String(row.weight),
          row.why,
        ]),
        [
          '**Sum**',
          '',
          String(evaluation.points),
          String(evaluation.weight),
          `10 × ${evaluation.points} / ${evaluation.weight} = ${evaluation.fit}`,
        ],
      ],
    ),
  ];
}

function currentState({ situation }: ClassDecision): string {
  const { size, present, platform } = situation.cluster;
  const parts = [
    size === undefined ? 'number of nodes unknown' : size === 1 ? '1 node' : `${grouped(size)} nodes`,
    platform === undefined ? undefined : `on ${answerText('platform', platform)}`,
    present === undefined
      ? 'what runs there is unknown'
      : present.includes('none')
        ? 'none of the usual services'
        : `with ${answerText('present', present)}`,
  ];
  return `${parts.filter((part) => part !== undefined).join(', ')}.`;
}

function unknownLine({ context }: ClassDecision): readonly string[] {
  const unknown = context.filter((row) => row.source === 'unknown').map((row) => `\`${row.question}\``);
  return unknown.length === 0 ? [] : [`Unknown: ${unknown.join(', ')}.`, ''];
}

function needLine({ situation }: ClassDecision): readonly string[] {
  const need = known(situation.answers, 'consistency');
  if (need === undefined) return [];
  const level = levelOf(need.value);
  return [`**${need.source === 'answered' ? 'Asked for' : 'Presumed'}**: ${level.name.toLowerCase()}. Use it when: ${level.useWhen}`, ''];
}

function latencyLines({ latency }: ClassDecision): readonly string[] {
  if (latency === undefined) return [];
  return [
    `**Latency of distance**${latency.measured ? '' : ' (round trip assumed, not measured)'}: ${latency.explanation}`,
    '',
    ...table(
      ['', 'Near', 'From the farthest node'],
      [
        ['Write', `${grouped(latency.writeNearMs)} ms`, `${grouped(latency.writeFarMs)} ms`],
        ['Fresh read', `${grouped(latency.readNearMs)} ms`, `${grouped(latency.readFarMs)} ms`],
      ],
    ),
  ];
}

function techniqueLines({ techniques }: ClassReport, h: (depth: number, text: string) => string): readonly string[] {
  return techniques.length === 0
    ? []
    : [
        h(1, 'Conflict resolution and techniques'),
        '',
        ...bullets(techniques.map(({ name, what, when }) => `**${name}**: ${what} Use it when ${continued(when)}`)),
      ];
}

function quorumLines(quorum: QuorumReport | undefined, h: (depth: number, text: string) => string): readonly string[] {
  if (quorum === undefined) return [];
  return [
    h(1, 'Quorum and tolerated failures'),
    '',
    `${quorum.voters} voters: majority ${quorum.majority}, tolerates ${quorum.tolerated} ${quorum.tolerated === 1 ? 'failure' : 'failures'}. ${visibleNodesCaveat}`,
    '',
    ...table(
      ['Voters', 'Majority', 'Tolerated failures', ''],
      quorum.rows.map((row) => [String(row.n), String(row.majority), String(row.tolerated), row.note]),
    ),
    ...(quorum.projected === undefined ? [] : [quorum.projected, '']),
    ...(quorum.growth.length === 0 ? [] : ['Membership changes one member at a time:', '', ...numbered(quorum.growth)]),
  ];
}

function leaseLines(lease: ClassReport['lease'], h: (depth: number, text: string) => string): readonly string[] {
  if (lease === undefined) return [];
  const { terms, schedule } = lease;
  return [
    h(1, 'Lease'),
    '',
    ...table(
      ['', 'Milliseconds'],
      [
        ['Duration that is granted', grouped(terms.durationMs)],
        ['The holder stops, counted from when it sent the request', grouped(schedule.holderStopsMs)],
        ['The holder renews every', grouped(schedule.renewEveryMs)],
        [
          `Margin for ${terms.driftPpm / 10_000} % clock rate on each side and a pause of ${grouped(terms.pauseMs)} ms`,
          grouped(schedule.marginMs),
        ],
        ['Without a holder, at most', grouped(schedule.takeoverWithinMs)],
      ],
    ),
    ...bullets(leaseRules),
  ];
}

function openLines({ open }: ClassDecision): readonly string[] {
  return open.length === 0
    ? []
    : ['Questions that matter most:', '', ...numbered(open.map(({ text, why, question }) => `${text} (\`${question}\`) ${why}`))];
}

function codeSection(files: readonly GeneratedFile[], shown: CodeShown, h: (depth: number, text: string) => string): readonly string[] {
  if (files.length === 0) return [];
  const lines =
    shown === 'named'
      ? bullets(files.map(({ path, what }) => `\`${path}\`: ${what}`))
      : files.flatMap(({ path, what, content }) => [
          `\`${path}\`: ${what}`,
          '',
          ...fenced(path.endsWith('.sh') ? 'sh' : 'elixir', content),
        ]);
  return [h(1, 'Generated code'), '', ...lines];
}

function classMadr(report: ClassReport, whole: Report): string {
  const { decision, option } = report;
  const { ranked, recommended } = decision;
  const drivers = decision.context
    .filter((row) => row.source !== 'unknown')
    .map((row) => `${row.text} ${row.answer}${row.source === 'presumed' ? ' (presumed)' : ''}`);
  return joinLines([
    '---',
    'status: "proposed"',
    '---',
    '',
    `# ${option === undefined ? `Decide how ${plain(decision.name)} replicates` : `Use ${option.name} for ${plain(decision.name)}`}`,
    '',
    '## Context and Problem Statement',
    '',
    `How should ${plain(decision.name)} be kept on several nodes, and what should happen to it while the network is split? ${currentState(decision)}`,
    '',
    ...unknownLine(decision),
    '## Decision Drivers',
    '',
    ...drivers.map((driver) => `* ${driver}`),
    '',
    '## Considered Options',
    '',
    ...ranked.map((one) => `* ${one.name}`),
    '',
    '## Decision Outcome',
    '',
    option === undefined
      ? `No option is chosen: ${decision.refusal ?? ''}`
      : `Chosen option: "${option.name}" (${recommended?.fit}/10), because ${decision.because.map((sentence) => continued(sentence.replace(/\.$/, ''))).join('; ')}.${decision.tie === undefined ? '' : ` ${decision.tie}`}`,
    '',
    '### Consequences',
    '',
    ...(option === undefined
      ? openMadr(decision)
      : [
          ...option.pros.map((text) => `* Good, because ${continued(text)}`),
          ...option.cons.map((text) => `* Bad, because ${continued(text)}`),
          `* Neutral, because ${continued(report.cap ?? '')}`,
        ]),
    '',
    '### Confirmation',
    '',
    ...(option === undefined ? ['Decide again when the questions above are answered.'] : report.testing.map((test) => `* ${test}`)),
    '',
    '## Pros and Cons of the Options',
    '',
    ...ranked.flatMap((one) => {
      const facts = optionOf(one.option);
      return [
        `### ${one.name}`,
        '',
        `Fit ${one.fit}/10: 10 × ${one.points} / ${one.weight}${one.vetoes.length > 0 ? ', at most 3 because it is ruled out' : ''}.`,
        '',
        ...one.vetoes.map(({ reason }) => `* Bad, because it is ruled out: ${continued(reason)}`),
        ...facts.pros.map((text) => `* Good, because ${continued(text)}`),
        ...facts.cons.map((text) => `* Bad, because ${continued(text)}`),
        '',
      ];
    }),
    '## More Information',
    '',
    ...classLines(report, whole, (depth, text) => `${'#'.repeat(2 + depth)} ${text}`).slice(2),
    '### Cluster',
    '',
    ...clusterLines(whole, (depth, text) => `${'#'.repeat(3 + depth)} ${text}`),
    embedAnswers(answersFile(whole.decision.design)),
  ]);
}

function clusterMadr(report: Report): string {
  const { cluster, design } = report.decision;
  return joinLines([
    '---',
    'status: "proposed"',
    '---',
    '',
    `# Use ${cluster.name} for ${plain(design.name)}`,
    '',
    '## Context and Problem Statement',
    '',
    `How do the nodes find and reach each other? ${answerText('size', design.cluster.size)} today, ${answerText('projectedSize', design.cluster.projectedSize)} projected.`,
    '',
    '## Considered Options',
    '',
    `* ${cluster.name}`,
    ...cluster.alternatives.map(({ name }) => `* ${name}`),
    '',
    '## Decision Outcome',
    '',
    `Chosen option: "${cluster.name}", because ${cluster.because.map((sentence) => continued(sentence.replace(/\.$/, ''))).join('; ')}.`,
    '',
    '## Pros and Cons of the Options',
    '',
    ...cluster.alternatives.flatMap(({ name, when, veto }) => [
      `### ${name}`,
      '',
      `* Neutral, because it is for ${when}.`,
      ...(veto === undefined ? [] : [`* Bad, because it is ruled out: ${veto}`]),
      '',
    ]),
    '## More Information',
    '',
    ...clusterLines(report, (depth, text) => `${'#'.repeat(2 + depth)} ${text}`),
    embedAnswers(answersFile(design)),
  ]);
}

function openMadr({ open }: ClassDecision): readonly string[] {
  return open.map(({ text, why }) => `* Neutral, because it is open: ${text} ${why}`);
}

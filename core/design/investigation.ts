/** A bug investigation, filled in from a symptom or from a finding as far as is known; what only people know is left as lines to complete. */
import { type FindingFacts, goodExample, languageOf, outdented, withoutCarets } from './gotcha';
import { type Section, slug } from './learnings';
import { bullets, fenced, joinLines, links, numbered, plain } from './markdown';
import { reproducingTest } from './remedies';
import { type Hypothesis, type Symptom, symptomsOfRule } from './symptoms';

/** What is already known of the bug; everything may be absent. */
export interface Observations {
  /** Replaces the symptom's or rule's title. */
  readonly title?: string;
  /** How often, since when. */
  readonly frequency?: string;
  /** What else happens at the time: deploys, network trouble, load. */
  readonly conditions?: string;
  readonly nodes?: readonly string[];
  /** Log lines, metrics. */
  readonly evidence?: readonly string[];
  /** Findings in the project that belong to it. */
  readonly findings?: readonly FindingFacts[];
  /** The OTP application that generated code is named after. */
  readonly app?: string;
}

/** Where a person has to write something. */
const toComplete = '_to be completed_';

/** The investigation of a symptom: all hypotheses in order, with commands, reproduction and fix. */
export function investigationOfSymptom(symptom: Symptom, observed: Observations = {}): Section {
  const findings = (observed.findings ?? []).filter((finding) => symptom.hypotheses.some((one) => one.rules.includes(finding.rule.id)));
  // What the linter found in this project comes first; the order is kept otherwise.
  const found = (hypothesis: Hypothesis) => findings.filter((finding) => hypothesis.rules.includes(finding.rule.id));
  const ordered = [...symptom.hypotheses].sort((a, b) => Number(found(b).length > 0) - Number(found(a).length > 0));
  const first = ordered[0];
  return section(observed.title ?? symptom.title, observed.title ?? symptom.id, [
    ...symptomLines(symptom.looksLike, observed),
    '### Hypotheses',
    '',
    'In this order; strike out what the evidence rules out.',
    '',
    ...ordered.flatMap((hypothesis, index) => hypothesisLines(hypothesis, index + 1, found(hypothesis))),
    '### Evidence',
    '',
    ...bullets([...(observed.evidence ?? []), ...findings.map(findingText), toComplete]),
    '### Root cause',
    '',
    findings.length > 0 && first !== undefined ? `Suspected: ${first.cause}. Confirmed by: ${toComplete}` : toComplete,
    '',
    '### Fix',
    '',
    ...(first === undefined ? [toComplete, ''] : symptomFix(first, found(first)[0])),
    '### Verification',
    '',
    ...numbered([
      ...(first?.reproduce ?? []),
      ...generatedLines(symptom, observed.app),
      'The same again with the fix: the symptom does not come back.',
      `Watched in production for: ${toComplete}`,
    ]),
    '### Prevention',
    '',
    ...bullets([...new Set(ordered.map((hypothesis) => hypothesis.prevent))]),
    ...ruleLines([...new Set(ordered.flatMap((hypothesis) => hypothesis.rules))]),
  ]);
}

/** The investigation of a finding: its rule says the cause, its symptoms say what it may have done. */
export function investigationOfFinding(finding: FindingFacts, observed: Observations = {}): Section {
  const { rule, message, before, after } = finding;
  const symptoms = symptomsOfRule(rule.id);
  const hypotheses = symptoms.flatMap((symptom) => symptom.hypotheses.filter((hypothesis) => hypothesis.rules.includes(rule.id)));
  const title = observed.title ?? rule.summary.replace(/\.$/, '');
  const right = after ?? goodExample(rule, finding.path);
  return section(title, observed.title ?? rule.id, [
    ...symptomLines(
      symptoms.length === 0 ? toComplete : symptoms.map((symptom) => `${symptom.title}: ${symptom.looksLike}`).join(' '),
      observed,
    ),
    '### Hypothesis',
    '',
    `${message} (\`${finding.path}\`, line ${finding.line})`,
    '',
    ...bullets([...new Set(hypotheses.map((hypothesis) => hypothesis.mechanism))]),
    '### Evidence',
    '',
    ...bullets([findingText(finding), ...(observed.evidence ?? [])]),
    ...hypotheses.slice(0, 2).flatMap((hypothesis) => confirmLines(hypothesis)),
    ...bullets([toComplete]),
    '### Root cause',
    '',
    outdented(rule.rationale),
    '',
    `Confirmed by: ${toComplete}`,
    '',
    '### Fix',
    '',
    ...fixLines(undefined, before, right, languageOf(finding.path)),
    '### Verification',
    '',
    ...numbered([
      ...new Set(hypotheses.flatMap((hypothesis) => hypothesis.reproduce)),
      `\`netsplit check --rule ${rule.id}=error\` reports nothing for this file.`,
      `Watched in production for: ${toComplete}`,
    ]),
    '### Prevention',
    '',
    ...bullets([`Rule \`${rule.id}\` as an error in \`.netsplit.json\`.`, ...new Set(hypotheses.map((hypothesis) => hypothesis.prevent))]),
    ...links(rule.references),
  ]);
}

function section(title: string, id: string, lines: readonly string[]): Section {
  return { id: `investigation/${slug(id)}`, heading: `## Bug investigation: ${plain(title)}`, body: joinLines(lines) };
}

function symptomLines(looksLike: string, observed: Observations): readonly string[] {
  return [
    '### Symptoms',
    '',
    ...bullets([
      looksLike,
      `Frequency: ${observed.frequency ?? toComplete}`,
      `Conditions (deploys, network, load): ${observed.conditions ?? toComplete}`,
      `Affected nodes: ${observed.nodes === undefined || observed.nodes.length === 0 ? toComplete : observed.nodes.map((node) => `\`${node}\``).join(', ')}`,
    ]),
  ];
}

function hypothesisLines(hypothesis: Hypothesis, number: number, findings: readonly FindingFacts[]): readonly string[] {
  return [
    `#### ${number}. ${hypothesis.cause}`,
    '',
    hypothesis.mechanism,
    '',
    ...bullets(findings.map(findingText)),
    ...confirmLines(hypothesis),
    'To reproduce:',
    '',
    ...bullets(hypothesis.reproduce),
  ];
}

function confirmLines(hypothesis: Hypothesis): readonly string[] {
  return hypothesis.confirm.flatMap(({ what, code, expect }) => [
    `${what}, in IEx on one of the nodes:`,
    '',
    ...fenced('elixir', code),
    `Right if: ${expect}`,
    '',
  ]);
}

/** What Netsplit writes to make the symptom come, in tests and in staging. */
function generatedLines({ id }: Symptom, app: string | undefined): readonly string[] {
  const test = reproducingTest(id, app);
  const writes = `\`netsplit learn --investigation ${id} --code DIR\` writes`;
  return [
    ...(test === undefined ? [] : [`In a test: ${writes} \`${test.path}\`, with code that passes it. ${test.what}`]),
    `In staging: ${writes} \`scripts/partition.sh\`, which drops packets between nodes with iptables, and \`scripts/toxiproxy.sh\`, which spoils the link between a node and a service.`,
  ];
}

/** The fix of the project's own finding where there is one, else that of the hypothesis. */
function symptomFix({ fix }: Hypothesis, finding: FindingFacts | undefined): readonly string[] {
  if (finding !== undefined)
    return fixLines(
      fix.text,
      finding.before,
      finding.after ?? (fix.language === undefined ? fix.after : undefined),
      languageOf(finding.path),
    );
  return fixLines(fix.text, fix.before, fix.after, fix.language);
}

function fixLines(text: string | undefined, before: string | undefined, after: string | undefined, language = 'elixir'): readonly string[] {
  return [
    ...(text === undefined ? [] : [text, '']),
    ...(before === undefined ? [] : ['Before:', '', ...fenced(language, withoutCarets(before))]),
    ...(after === undefined ? ['After:', '', toComplete, ''] : ['After:', '', ...fenced(language, withoutCarets(after))]),
  ];
}

function ruleLines(rules: readonly string[]): readonly string[] {
  return rules.length === 0 ? [] : [`Rules that look for it: ${rules.map((rule) => `\`${rule}\``).join(', ')}.`, ''];
}

function findingText(finding: FindingFacts): string {
  return `\`${finding.path}\`, line ${finding.line}: ${finding.message} (\`${finding.rule.id}\`)`;
}

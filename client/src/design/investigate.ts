/** The investigation of a bug: what is seen, what may cause it, what the rules find, and where it is written down. */
import { Position, Range, window, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { investigationOfSymptom, type Observations } from '../../../core/design/investigation';
import type { Section } from '../../../core/design/learnings';
import { remediesOf, remedyCode } from '../../../core/design/remedies';
import { type Hypothesis, type Symptom, symptoms } from '../../../core/design/symptoms';
import { saveSection } from '../knowledge-base';
import { createGenerated } from './create';
import { type Found, findEvidence } from './evidence';
import { tell } from './outcome';
import { projectView } from './project';
import { askMany, askOne, askText, type Item, type Reply } from './quick-input';

const title = 'Investigate a bug';

/** What has been said so far. */
interface Case {
  readonly symptom: Symptom;
  readonly found: readonly Found[];
  readonly hypotheses: readonly Hypothesis[];
  readonly evidence: readonly Found[];
  readonly observed: Observations;
}

type Ask = (so: Case) => Promise<Reply<Case>>;

/** Asks for the symptom, or takes it from `{ symptom }`, and goes through the investigation. */
export async function investigate(client: BaseLanguageClient, argument?: unknown): Promise<void> {
  const { symptom: id } = (typeof argument === 'object' && argument !== null ? argument : {}) as { readonly symptom?: unknown };
  const known = symptoms.find((symptom) => symptom.id === id);
  const symptom = known ?? (await askSymptom());
  if (!symptom) return;
  const rules = [...new Set(symptom.hypotheses.flatMap((hypothesis) => hypothesis.rules))];
  const looked = await findEvidence(client, rules);
  if (!looked) return;
  const { found } = looked;
  const start: Case = { symptom, found, hypotheses: ordered(symptom, found), evidence: found, observed: {} };
  const finished = await walk(start, [askHypotheses, ...(found.length > 0 ? [askEvidence] : []), ...observations]);
  if (finished) await finish(finished);
}

async function askSymptom(): Promise<Symptom | undefined> {
  const items = symptoms.map((symptom) => ({ label: symptom.title, detail: symptom.looksLike, value: symptom }));
  const chosen = await askOne<Symptom>({ title, placeholder: 'What do you see?' }, items);
  return chosen.kind === 'answer' ? chosen.value : undefined;
}

/** Asks one after the other, with the way back; undefined when the user closes it. */
async function walk(start: Case, asks: readonly Ask[]): Promise<Case | undefined> {
  const states = [start];
  for (let at = 0; at < asks.length; ) {
    const ask = asks[at];
    const so = states[at];
    if (!ask || !so) return undefined;
    const reply = await ask({ ...so, observed: { ...so.observed } });
    if (reply.kind === 'closed') return undefined;
    if (reply.kind === 'back') at = Math.max(0, at - 1);
    else states[++at] = reply.value;
  }
  return states[asks.length];
}

/** What the rules found comes first; the order is kept otherwise. */
function ordered({ hypotheses }: Symptom, found: readonly Found[]): readonly Hypothesis[] {
  return [...hypotheses].sort((a, b) => Number(findingsOf(b, found).length > 0) - Number(findingsOf(a, found).length > 0));
}

function findingsOf({ rules }: Hypothesis, found: readonly Found[]): readonly Found[] {
  return found.filter(({ facts }) => rules.includes(facts.rule.id));
}

async function askHypotheses(so: Case): Promise<Reply<Case>> {
  const items = ordered(so.symptom, so.found).map((hypothesis): Item<Hypothesis> => {
    const { length } = findingsOf(hypothesis, so.found);
    const description = length === 0 ? '' : `${length} ${length === 1 ? 'finding' : 'findings'} in your code`;
    return {
      label: hypothesis.cause,
      description,
      detail: hypothesis.mechanism,
      picked: so.hypotheses.includes(hypothesis),
      value: hypothesis,
    };
  });
  const placeholder = 'Which causes are possible? The most likely comes first; leave out what you know to be wrong.';
  const refuse = (chosen: readonly Hypothesis[]) =>
    chosen.length === 0 ? 'Choose at least one cause: each comes with the commands that rule it out.' : undefined;
  const reply = await askMany<Hypothesis>({ title: so.symptom.title, placeholder }, items, refuse);
  return mapped(reply, (hypotheses) => ({ ...so, hypotheses }));
}

async function askEvidence(so: Case): Promise<Reply<Case>> {
  const possible = so.found.filter(({ facts }) => so.hypotheses.some(({ rules }) => rules.includes(facts.rule.id)));
  const items = possible.map((one): Item<Found> => {
    const { message, path, line, rule } = one.facts;
    return { label: `${path}:${line}`, description: rule.id, detail: message, picked: so.evidence.includes(one), value: one };
  });
  const placeholder = 'Which findings belong to it?';
  const reply = await askMany<Found>({ title: so.symptom.title, placeholder, canGoBack: true }, items);
  return mapped(reply, (evidence) => ({ ...so, evidence }));
}

/** What only people know; nothing typed leaves a line to complete in the document. */
const observations: readonly Ask[] = [
  askObservation(
    'How often, and since when?',
    'Twice a day since the last deploy',
    ({ frequency }) => frequency,
    (frequency) => ({ frequency }),
  ),
  askObservation(
    'What else happens at the time: deploys, network trouble, load?',
    'After a deploy, at peak load',
    ({ conditions }) => conditions,
    (conditions) => ({ conditions }),
  ),
  askObservation(
    'Which nodes are affected?',
    'app@10.0.0.1, app@10.0.0.2',
    ({ nodes }) => nodes?.join(', '),
    (nodes) => ({ nodes: nodes.split(/[\s,]+/).filter((node) => node !== '') }),
  ),
  askObservation(
    'What do logs or metrics say?',
    '12:03 [error] …',
    ({ evidence }) => evidence?.[0],
    (line) => ({ evidence: [line] }),
  ),
];

function askObservation(
  prompt: string,
  placeholder: string,
  before: (observed: Observations) => string | undefined,
  said: (text: string) => Observations,
): Ask {
  return async (so) => {
    const reply = await askText({
      title: so.symptom.title,
      prompt: `${prompt} Nothing: it stays open in the document.`,
      placeholder,
      value: before(so.observed) ?? '',
      canGoBack: true,
    });
    return mapped(reply, (text) => (text.trim() === '' ? so : { ...so, observed: { ...so.observed, ...said(text.trim()) } }));
  };
}

function mapped<Value, Result>(reply: Reply<Value>, result: (value: Value) => Result): Reply<Result> {
  return reply.kind === 'answer' ? { kind: 'answer', value: result(reply.value) } : reply;
}

type Next = 'write' | 'show' | 'code';

async function finish({ symptom, hypotheses, evidence, observed }: Case): Promise<void> {
  const { app } = await projectView();
  const findings = evidence.map(({ facts }) => facts);
  const section = investigationOfSymptom({ ...symptom, hypotheses }, { ...observed, findings, ...(app !== undefined && { app }) });
  const generators = remediesOf(symptom.id);
  const chosen = await askOne<Next>({ title: symptom.title, placeholder: 'Where should the investigation go?' }, [
    {
      label: '$(save) Write it into the knowledge base',
      detail: 'With the commands that confirm each cause, how to reproduce it, the fix and the verification.',
      value: 'write',
    },
    { label: '$(markdown) Open it as a document', detail: 'A new Markdown document that is not saved anywhere yet.', value: 'show' },
    {
      label: '$(beaker) Create code that reproduces it…',
      detail: generators.map((generator) => generator.title).join(', '),
      value: 'code',
    },
  ]);
  if (chosen.kind !== 'answer') return;
  if (chosen.value === 'code') return createRemedy(symptom, app);
  if (chosen.value === 'write') return write(section, symptom, app);
  await window.showTextDocument(
    await workspace.openTextDocument({ language: 'markdown', content: `${section.heading}\n\n${section.body.trimEnd()}\n` }),
  );
}

/** Writes the section and shows it: what only people know has to be filled in there. */
async function write(section: Section, symptom: Symptom, app: string | undefined): Promise<void> {
  const outcome = await saveSection(section);
  if (!outcome?.done || !outcome.file) return tell(outcome);
  const document = await workspace.openTextDocument(outcome.file);
  const at = document.positionAt(Math.max(0, document.getText().lastIndexOf(section.heading)));
  await window.showTextDocument(document, { preview: false, selection: new Range(at, new Position(at.line, 0)) });
  const create = 'Create Code That Reproduces It';
  void window.showInformationMessage(outcome.text, create).then((choice) => (choice === create ? createRemedy(symptom, app) : undefined));
}

async function createRemedy({ id, title: seen }: Symptom, app: string | undefined): Promise<void> {
  const items = remediesOf(id).map((generator, index) => {
    const { files } = remedyCode([generator], app);
    return {
      label: generator.title,
      description: generator.what,
      detail: files.map(({ path }) => path).join(', '),
      picked: index === 0,
      value: generator,
    };
  });
  const chosen = await askMany({ title: seen, placeholder: 'What should be created?' }, items);
  if (chosen.kind !== 'answer' || chosen.value.length === 0) return;
  await createGenerated(seen, remedyCode(chosen.value, app));
}

/** What was learned, for the knowledge base: a gotcha from a finding or a rule, an investigation, a decision. */
import { commands, type Diagnostic, type ExtensionContext, languages, type Uri, window, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { gotchaOfFinding, gotchaOfRule } from '../../../core/design/gotcha';
import { saveSection } from '../knowledge-base';
import { ruleIds } from '../pages';
import { findEvidence } from './evidence';
import { tell } from './outcome';
import { askOne, type Item, separator } from './quick-input';

/** What the command may be given instead of asking: a rule, and where it has a finding. */
export interface LearnArgument {
  readonly rule: string;
  /** Of the file; without it the entry is about the rule alone. */
  readonly uri?: string;
  /** Of the finding, from 1; without it the first finding in the file. */
  readonly line?: number;
}

type Lesson = { readonly of: 'finding'; readonly finding: LearnArgument } | { readonly of: 'rule' | 'bug' | 'decision' };

/** Asks what was learned, or takes it from the argument, and writes it into the knowledge base. */
export async function learn(context: ExtensionContext, client: BaseLanguageClient, argument?: unknown): Promise<void> {
  if (isLearnArgument(argument)) return writeGotcha(client, argument);
  const chosen = await askOne<Lesson>(
    { title: 'Write down what was learned', placeholder: 'It goes into the knowledge base of the project' },
    lessons(),
  );
  if (chosen.kind !== 'answer') return;
  switch (chosen.value.of) {
    case 'finding':
      return writeGotcha(client, chosen.value.finding);
    case 'rule': {
      const rule = await askOne(
        { title: 'Write down what was learned', placeholder: 'The rule' },
        ruleIds(context).map((id) => ({ label: id, value: id })),
      );
      return rule.kind === 'answer' ? writeGotcha(client, { rule: rule.value }) : undefined;
    }
    case 'bug':
      await commands.executeCommand('netsplit.investigate');
      return;
    case 'decision':
      await commands.executeCommand('netsplit.design');
      return;
  }
}

function isLearnArgument(value: unknown): value is LearnArgument {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Record<keyof LearnArgument, unknown>>).rule === 'string';
}

/** The findings of the active file, those under the caret first, and what else can be written down. */
function lessons(): readonly Item<Lesson>[] {
  const editor = window.activeTextEditor;
  const here = editor ? languages.getDiagnostics(editor.document.uri).filter(({ source }) => source === 'netsplit') : [];
  const underCaret = (diagnostic: Diagnostic): number =>
    Number(editor !== undefined && diagnostic.range.intersection(editor.selection) !== undefined);
  const findings = [...here]
    .sort((a, b) => underCaret(b) - underCaret(a))
    .map((diagnostic) => findingItem(diagnostic, editor?.document.uri));
  const rule: Lesson = { of: 'rule' };
  return [
    ...(editor && findings.length > 0
      ? [separator<Lesson>(`Findings in ${workspace.asRelativePath(editor.document.uri)}`, rule), ...findings]
      : []),
    ...(findings.length > 0 ? [separator<Lesson>('Other', rule)] : []),
    { label: '$(lightbulb) A rule', detail: 'What it finds, wrong and right, and why it matters.', value: rule },
    { label: '$(search) A bug', detail: 'From what you see to its causes, with what the rules find in your code.', value: { of: 'bug' } },
    { label: '$(law) A decision', detail: 'How a component should replicate, and why.', value: { of: 'decision' } },
  ];
}

function findingItem({ code, message, range }: Diagnostic, uri: Uri | undefined): Item<Lesson> {
  const rule = String(typeof code === 'object' ? code.value : code);
  const line = range.start.line + 1;
  return {
    label: message,
    description: `line ${line}`,
    detail: rule,
    value: { of: 'finding', finding: { rule, line, ...(uri && { uri: uri.toString() }) } },
  };
}

async function writeGotcha(client: BaseLanguageClient, { rule: id, uri, line }: LearnArgument): Promise<void> {
  const looked = await findEvidence(client, [id], uri === undefined ? [] : [uri]);
  if (!looked) return;
  const [rule] = looked.rules;
  if (!rule) return tell({ done: false, text: `Netsplit has no rule ${id}.` });
  if (uri === undefined) return tell(await saveSection(gotchaOfRule(rule)));
  const found = looked.found.find(({ facts }) => line === undefined || facts.line === line);
  if (!found) return tell({ done: false, text: `${id} finds nothing ${line === undefined ? 'there' : `in line ${line}`} any more.` });
  return tell(await saveSection(gotchaOfFinding(found.facts)));
}

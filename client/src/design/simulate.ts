/** The command that runs a partition scenario and shows what came of it. */
import { type ExtensionContext, env, type Uri, ViewColumn, type WebviewPanel, window, workspace } from 'vscode';
import { type Preset, presets, storyPresets } from '../../../core/design/simulate/presets';
import { parseScenario } from '../../../core/design/simulate/scenario';
import { simulate as run } from '../../../core/design/simulate/simulate';
import { stories, tellStory } from '../../../core/design/simulate/stories';
import type { Scenario } from '../../../core/design/simulate/types';
import { nearest } from '../../../core/nearest';
import { openDesignPage } from '../design-page';
import { chooseData, type Read, readDataFile } from './data-file';
import { tell } from './outcome';
import { askOne, type Item, separator } from './quick-input';
import { type PageLink, simulationPage } from './simulation-page';

/** What the command may be given instead of asking. */
export interface SimulateArgument {
  /** The id of a preset. */
  readonly preset?: string;
  /** A scenario as a file would hold it, in place of a preset. */
  readonly scenario?: unknown;
  /** 0 to 4294967295; the scenario's own where absent. */
  readonly seed?: number;
  /** Puts the scenario into the clipboard instead of running it. */
  readonly copy?: boolean;
  /** Opens it in the simulator of the design page, where links are cut and healed by hand. */
  readonly play?: boolean;
}

type Choice = { readonly preset: Preset } | { readonly file: Uri } | 'file';

/** A scenario, and the preset that it comes from: with another seed a story is told anew. */
interface Chosen {
  readonly scenario: Scenario;
  readonly preset?: string;
}

let panel: WebviewPanel | undefined;

/** Runs the scenario of the argument, or the one that the user picks, and shows it. */
export async function simulate(context: ExtensionContext, argument?: unknown): Promise<void> {
  const given: SimulateArgument = typeof argument === 'object' && argument !== null ? argument : {};
  const chosen = given.scenario !== undefined || given.preset !== undefined ? scenarioOf(given) : await chooseScenario();
  if (!chosen) return;
  const { scenario } = chosen;
  if (given.play === true) return openDesignPage(context, undefined, { scenario });
  if (given.copy !== true) return show(chosen);
  await env.clipboard.writeText(`${JSON.stringify(scenario, null, 2)}\n`);
  return tell({ done: true, text: 'The scenario is in the clipboard: `netsplit simulate --scenario FILE.json` runs it again.' });
}

function scenarioOf({ preset: id, scenario: input, seed }: SimulateArgument): Chosen | undefined {
  if (input !== undefined) {
    const { scenario, errors } = parseScenario(input);
    if (scenario) return { scenario: seed === undefined ? scenario : { ...scenario, seed } };
    const [first] = errors;
    void tell({ done: false, text: `This is no scenario: ${first?.path ?? ''} ${first?.message ?? ''}` });
    return undefined;
  }
  const preset = presets().find((candidate) => candidate.id === id);
  if (preset) return { preset: preset.id, scenario: seed === undefined ? preset.scenario : reseeded(preset, seed) };
  const near = nearest(
    String(id),
    presets().map((known) => known.id),
  );
  void tell({ done: false, text: `Netsplit has no scenario ${id}.${near === undefined ? '' : ` Did you mean ${near}?`}` });
  return undefined;
}

/** With another seed another node may lead, so a story has to be told anew. */
function reseeded({ id, scenario }: Preset, seed: number): Scenario {
  const story = stories.find((candidate) => candidate.id === id);
  return story ? tellStory(story, scenario.protocol, scenario.options, scenario.nodes, seed) : { ...scenario, seed };
}

async function chooseScenario(): Promise<Chosen | undefined> {
  const chosen = await askOne<Choice>(
    { title: 'Simulate a partition', placeholder: 'What should happen to a small cluster?' },
    await choices(),
  );
  if (chosen.kind !== 'answer') return undefined;
  const { value } = chosen;
  if (value !== 'file' && 'preset' in value) return { scenario: value.preset.scenario, preset: value.preset.id };
  const scenario =
    value === 'file' ? await chooseData('a scenario', readScenario) : await readDataFile(value.file, 'a scenario', readScenario);
  return scenario && { scenario };
}

function readScenario(value: unknown): Read<Scenario> {
  const { scenario, errors } = parseScenario(value);
  return scenario ? { value: scenario } : { errors };
}

async function choices(): Promise<readonly Item<Choice>[]> {
  const told = new Set(storyPresets().map(({ id }) => id));
  const item = (preset: Preset): Item<Choice> => ({
    label: preset.title,
    description: preset.id,
    detail: preset.description,
    value: { preset },
  });
  const [stories, breaking] = [presets().filter(({ id }) => told.has(id)), presets().filter(({ id }) => !told.has(id))];
  const files = await scenarioFiles();
  return [
    ...(files.length > 0 ? [separator<Choice>('Scenarios of this project', 'file')] : []),
    ...files.map((file): Item<Choice> => ({ label: workspace.asRelativePath(file), value: { file } })),
    separator<Choice>('Stories of Raft', 'file'),
    ...stories.map(item),
    separator<Choice>('Strategies that break, each with a schedule that breaks it', 'file'),
    ...breaking.map(item),
    separator<Choice>('', 'file'),
    { label: '$(file-code) Open a scenario file…', detail: 'JSON or YAML, as `netsplit simulate --scenario` reads them.', value: 'file' },
  ];
}

/** Files whose name or folder says so, and the one that is being edited. */
async function scenarioFiles(): Promise<readonly Uri[]> {
  const found = await workspace.findFiles('**/{*scenario*,scenarios/*}.{json,jsonc,yaml,yml}', '**/{deps,_build,node_modules}/**', 50);
  const active = window.activeTextEditor?.document;
  const edited = active && /\.(jsonc?|ya?ml)$/.test(active.uri.path) && /^\s*"?protocol"?\s*:/m.test(active.getText()) ? [active.uri] : [];
  const unique = new Map([...edited, ...found].map((uri) => [uri.toString(), uri]));
  return [...unique.values()];
}

/** One page, which shows the last run. */
function show(chosen: Chosen): void {
  const { scenario } = chosen;
  panel ??= createPanel();
  panel.title = scenario.name ?? 'Simulation';
  panel.webview.html = simulationPage(run(scenario), crypto.randomUUID(), linksOf(chosen));
  panel.reveal();
}

function createPanel(): WebviewPanel {
  const created = window.createWebviewPanel('netsplit.simulation', 'Simulation', ViewColumn.Active, {
    enableScripts: false,
    enableFindWidget: true,
    enableCommandUris: ['netsplit.simulate'],
    localResourceRoots: [],
  });
  created.onDidDispose(() => {
    panel = undefined;
  });
  return created;
}

function linksOf({ scenario, preset }: Chosen): readonly PageLink[] {
  const what: SimulateArgument = preset === undefined ? { scenario } : { preset };
  const link = (text: string, argument: SimulateArgument | undefined): PageLink => ({
    text,
    href: `command:netsplit.simulate${argument ? `?${encodeURIComponent(JSON.stringify([argument]))}` : ''}`,
  });
  return [
    link('Cut and heal links by hand', { ...what, seed: scenario.seed, play: true }),
    link('With another seed', { ...what, seed: (scenario.seed + 1) % 0x1_0000_0000 }),
    link('Copy the scenario', { ...what, seed: scenario.seed, copy: true }),
    link('Another scenario…', undefined),
  ];
}

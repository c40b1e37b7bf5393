/** The design page: everything is worked out here, at once, with every change; the extension is asked only for what touches files. */
import '@vscode-elements/elements/dist/vscode-badge/index.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-label/index.js';
import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { render } from 'lit';
import { type Design, parseAnswers } from '../../core/design/answers';
import { type Decision, decide } from '../../core/design/decide';
import { type Report, reportOf } from '../../core/design/document';
import { type GeneratedCode, generateCode } from '../../core/design/generate/generate';
import { parseScenario } from '../../core/design/simulate/scenario';
import { openLine } from './host';
import type { ProjectView, SimulationStart, ToPage } from './messages';
import { pageView } from './page';
import type { Page } from './page-context';
import { groupOf, idOf } from './questions';
import { begin, frameAt, type Simulation, told, traceOf } from './simulation';
import { simulationOf } from './simulator';
import { answered, initialState, isProtocol, keptState, readState, type State } from './state';
import style from './style.css';

/** Below this the answers have no room beside the rest. */
const narrow = matchMedia('(max-width: 899px)');

/** How long each frame stays when the simulator plays, in milliseconds. */
const pace = 700;

const line = openLine(hear);
let state: State = readState(line.kept());
let project: ProjectView = { locked: {} };
let outcome: Page['outcome'];
let timer: number | undefined;
let report: Report = reportOf(decide(state.design));

const sheet = new CSSStyleSheet();
sheet.replaceSync(style);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

function pageOf(): Page {
  const one = report.classes[state.current];
  return {
    state,
    report,
    ...(one && { one }),
    code: () => codeOf(report.decision),
    documented: () => reportOf(report.decision, codeOf(report.decision).files, 'named'),
    project,
    ...(outcome && { outcome }),
    narrow: narrow.matches,
    playing: timer !== undefined,
    change,
    answer,
    go,
    ask: line.say,
    play,
  };
}

function show(): void {
  render(pageView(pageOf()), document.getElementById('page') ?? document.body);
}

function change(part: Partial<State>): void {
  const before = state;
  state = { ...state, ...part };
  if (state.design !== before.design) report = reportOf(decide(state.design, report.decision));
  line.keep(keptState(state));
  show();
}

let lastCode: { readonly decision: Decision; readonly code: GeneratedCode } | undefined;

function codeOf(decision: Decision): GeneratedCode {
  if (lastCode?.decision !== decision) lastCode = { decision, code: generateCode(decision) };
  return lastCode.code;
}

function answer(path: string, value: unknown, typed?: string): void {
  const { [path]: _, ...drafts } = state.drafts;
  const result = answered(state.design, path, value);
  if ('design' in result) {
    change({ design: result.design, drafts });
    return;
  }
  // A number that cannot be used is unknown until it is mended; a name stays as it was.
  const without = /(?:^|\.)(?:name|app)$/.test(path) ? undefined : answered(state.design, path, undefined);
  change({
    drafts: { ...drafts, [path]: { text: typed ?? String(value), error: result.error } },
    ...(without && 'design' in without && { design: without.design }),
  });
}

function go(path: string): void {
  const index = /^classes\[(\d+)\]/.exec(path)?.[1];
  const group = groupOf(path.replace(/^.*\./, ''));
  change({
    ...(index !== undefined && { current: Number(index) }),
    ...(narrow.matches && { view: 'answers' as const }),
    ...(group !== undefined && { folds: { ...state.folds, [group]: true } }),
  });
  const field = document.getElementById(idOf(path)) ?? document.querySelector(`[data-path="${CSS.escape(path)}"] vscode-checkbox`);
  if (field instanceof HTMLElement) {
    field.focus();
    field.scrollIntoView({ block: 'center' });
  }
}

function play(on: boolean): void {
  clearInterval(timer);
  timer = undefined;
  if (on) {
    const { scenario, at } = simulationOf(pageOf());
    if (frameAt(traceOf(scenario), at) === traceOf(scenario).frames.length - 1) look(0);
    timer = setInterval(next, pace);
  }
  show();
}

function next(): void {
  const { scenario, at } = simulationOf(pageOf());
  const frame = traceOf(scenario).frames[frameAt(traceOf(scenario), at) + 1];
  if (frame === undefined || state.view !== 'simulator') play(false);
  else look(frame.at);
}

function look(at: number): void {
  change({ simulation: { ...simulationOf(pageOf()), at } });
}

function hear(message: ToPage): void {
  switch (message.type) {
    case 'project':
      project = message.project;
      if (project.app !== undefined && isUntouched(state.design)) change({ design: { ...state.design, app: project.app } });
      else show();
      return;
    case 'design':
      change({ ...initialState, design: parseAnswers(message.answers).design });
      return;
    case 'simulation':
      startSimulation(message.start);
      return;
    case 'outcome':
      outcome = { done: message.done, text: message.text };
      show();
      return;
  }
}

/** Whether nobody has said anything yet. */
function isUntouched({ app, cluster, classes }: Design): boolean {
  return app === undefined && Object.keys(cluster).length === 0 && classes.every(({ answers }) => Object.keys(answers).length === 0);
}

function startSimulation(start: SimulationStart): void {
  const simulation = 'scenario' in start ? told(parseScenario(start.scenario).scenario) : startOf(start);
  if (simulation) change({ view: 'simulator', simulation });
}

function startOf({ protocol, nodes }: Extract<SimulationStart, { readonly protocol: string }>): Simulation | undefined {
  return isProtocol(protocol) ? begin({ protocol, ...(nodes !== undefined && { nodes: Math.max(2, nodes) }) }) : undefined;
}

narrow.addEventListener('change', show);
show();
line.say({ type: 'ready' });

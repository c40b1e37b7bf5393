/** The partition simulator: a drawing in which links are cut with a click, tables that say and do the same, and what the run proves. */
import { html, nothing, type TemplateResult } from 'lit';
import { describeFate, describeNode, describeOutcome, describeRequest, describeVerdicts } from '../../core/design/simulate/describe';
import { optionValue } from '../../core/design/simulate/protocol';
import { protocols } from '../../core/design/simulate/protocols/index';
import { clusterSvg, timelineSvg } from '../../core/design/simulate/svg';
import type { Fault, Frame, NodeName, NodeView, Operation, Request, Step, Trace } from '../../core/design/simulate/types';
import { select, textField } from './fields';
import type { Page } from './page-context';
import { prose, table } from './prose';
import { begin, beginAgain, frameAt, protocolChoices, type Simulation, storyChoices, suggested, traceOf, withSteps } from './simulation';
import { isProtocol } from './state';

export function simulatorView(page: Page): TemplateResult {
  const simulation = simulationOf(page);
  const trace = traceOf(simulation.scenario);
  const index = frameAt(trace, simulation.at);
  const frame = trace.frames[index];
  const add: Add = (...added) => {
    const next = withSteps(simulation, added);
    if (next) page.change({ simulation: next });
  };
  return html`
    ${controls(page, simulation)} ${suits(page)}
    <div class="stage">
      ${
        frame
          ? html`<div class="drawing" @click=${(event: Event) => clickLink(event, frame, simulation.at, add)}>
              ${drawing(clusterSvg(trace, index, 'cluster'), 'cluster')}
            </div>`
          : nothing
      }
      <div class="telling">
        ${verdictsView(trace)}
        <h3>At ${simulation.at} ms</h3>
        <ul class="events" aria-live="polite">${(frame?.events ?? []).map((event) => html`<li>${event}</li>`)}</ul>
        <p class="quiet">A click on a link cuts or heals it from here on; the tables below do the same.</p>
      </div>
    </div>
    ${transport(page, simulation, trace, index)}
    ${
      frame
        ? html`<div class="columns">
            ${nodesTable(frame, simulation, add)}
            ${linksTable(frame, simulation.at, add)}
          </div>`
        : nothing
    }
    <h3>Requests</h3>
    ${requestsTable(trace)} ${servedTable(trace)}
    <div class="code-actions">
      <vscode-button secondary @click=${() => page.ask({ type: 'copy', text: `${JSON.stringify(simulation.scenario, null, 2)}\n` })}
        >Copy scenario</vscode-button
      >
      <span class="quiet">The same run in a terminal: <code>netsplit simulate --scenario FILE</code></span>
    </div>
  `;
}

/** The simulation that was chosen, or the one that the answers suggest. */
export function simulationOf(page: Pick<Page, 'state' | 'one'>): Simulation {
  return page.state.simulation ?? suggested(page.one, page.state.design);
}

/** What the drawing has to do with the recommendation. */
function suits(page: Page): TemplateResult | typeof nothing {
  const name = page.one?.decision.recommended?.name;
  if (page.state.simulation) {
    return html`<p>
      <button class="link" type="button" @click=${() => page.change({ simulation: undefined })}>Simulate what the answers suggest</button>
    </p>`;
  }
  if (name === undefined || suggested(page.one, page.state.design).fits) return nothing;
  return html`<p class="quiet">${name} decides outside of the cluster and is not simulated. This is what a majority of your own nodes would do.</p>`;
}

function controls(page: Page, simulation: Simulation): TemplateResult {
  const { scenario, story } = simulation;
  const { protocol, options = {}, nodes, seed } = scenario;
  const told = storyChoices.find(({ id }) => id === story);
  const settings = { protocol, options, story: told && !told.strategy ? story : 'majority-split', nodes, seed };
  const start = (change: Parameters<typeof begin>[0]) => page.change({ simulation: begin(change) });
  const stories = storyChoices.filter(({ strategy }) => !strategy || strategy.protocol === protocol);
  return html`<div class="controls">
    ${select({ id: 'sim-protocol', label: 'Protocol' }, protocolChoices, protocol, (id) => {
      if (isProtocol(id)) start({ protocol: id, story: settings.story, nodes, seed });
    })}
    ${select(
      { id: 'sim-story', label: 'Story' },
      [
        // A scenario from elsewhere is none of the stories.
        ...(told ? [] : [{ id: '', text: scenario.name ?? 'A scenario of yours' }]),
        ...stories.map(({ id, title, description }) => ({ id, text: title, detail: description })),
      ],
      told ? story : '',
      (id) => id !== '' && start({ ...settings, story: id }),
    )}
    ${select(
      { id: 'sim-nodes', label: 'Nodes' },
      ['2', '3', '4', '5', '6', '7', '8', '9'].map((id) => ({ id, text: id })),
      String(nodes),
      (id) => start({ ...settings, nodes: Number(id) }),
    )}
    ${seedField(page, seed, (next) => page.change({ simulation: beginAgain(simulation, next) }))}
    ${protocols[protocol].options.map((option) =>
      select(
        { id: `sim-option-${option.name}`, label: labelled(option.name) },
        option.choices.map(({ value, help }) => ({ id: value, text: value, detail: help })),
        optionValue(options, option),
        (value) => start({ ...settings, options: { ...options, [option.name]: value } }),
      ),
    )}
  </div>
  <p class="story">${prose(told?.description ?? scenario.description ?? '')}${simulation.edited ? html` <strong>Changed by you.</strong>` : nothing}</p>`;
}

const seedPath = 'simulator.seed';

function seedField(page: Page, seed: number, start: (seed: number) => void): TemplateResult {
  const draft = page.state.drafts[seedPath];
  return textField({ id: 'sim-seed', label: 'Seed', error: draft?.error }, draft?.text ?? String(seed), (text) => {
    const { [seedPath]: _, ...drafts } = page.state.drafts;
    const value = /^\d{1,10}$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (value <= 0xffffffff) {
      page.change({ drafts });
      start(value);
    } else page.change({ drafts: { ...drafts, [seedPath]: { text, error: 'A whole number from 0 to 4294967295.' } } });
  });
}

function labelled(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** What the run proves; good and bad differ by a sign, and by the heading. */
function verdictsView({ verdicts, scenario }: Trace): TemplateResult {
  const sentences = describeVerdicts({ ...verdicts, availability: [] }, scenario.protocol);
  const isGood = (sentence: string) => /^(?:No |There were never|The process never|All running)/.test(sentence);
  return html`<section class="proven" aria-labelledby="proven">
    <h3 id="proven">${sentences.every(isGood) ? 'It held' : 'It broke'}</h3>
    <ul class="plain">
      ${sentences.map(
        (sentence) => html`<li class=${isGood(sentence) ? 'good' : 'bad'}>
          <span aria-hidden="true">${isGood(sentence) ? '✓' : '✗'}</span> ${sentence}
        </li>`,
      )}
    </ul>
  </section>`;
}

function servedTable({ verdicts }: Trace): TemplateResult | typeof nothing {
  const rows = verdicts.availability.filter(({ asked }) => asked > 0);
  if (rows.length === 0) return nothing;
  return html`<h3>Who was served</h3>
    ${table(
      'Requests by side of the network',
      ['Side', 'From', 'To', 'Asked', 'Accepted', 'Refused', 'Unknown'],
      rows.map(({ side, from, to, asked, accepted, refused, unknown }) => [
        side.join(' '),
        `${from} ms`,
        `${to} ms`,
        asked,
        accepted,
        refused,
        unknown,
      ]),
    )}`;
}

function transport(page: Page, simulation: Simulation, trace: Trace, index: number): TemplateResult {
  const look = (at: number | undefined) => at !== undefined && page.change({ simulation: { ...simulation, at } });
  const { until } = simulation.scenario;
  return html`
    <div class="timeline">${drawing(timelineSvg(trace, 'timeline'), 'timeline')}
      <input
        type="range"
        class="scrubber"
        aria-label="Instant of the run, in milliseconds"
        aria-valuetext="${simulation.at} ms"
        min="0"
        max=${until}
        step="10"
        .value=${String(simulation.at)}
        @input=${(event: Event) => look(Number((event.currentTarget as HTMLInputElement).value))}
      />
    </div>
    <div class="code-actions">
      <vscode-button @click=${() => page.play(!page.playing)}>${page.playing ? 'Pause' : 'Play'}</vscode-button>
      <vscode-button secondary @click=${() => look(trace.frames[index - 1]?.at)}>Step back</vscode-button>
      <vscode-button secondary @click=${() => look(trace.frames[index + 1]?.at)}>Step</vscode-button>
      <vscode-button secondary @click=${() => page.change({ simulation: beginAgain(simulation) })}>Begin again</vscode-button>
    </div>
  `;
}

type Add = (...steps: Step[]) => void;

function clickLink(event: Event, frame: Frame, at: number, add: Add): void {
  const [a, b] = (event.target as Element).closest('[data-link]')?.getAttribute('data-link')?.split(' ') ?? [];
  if (a !== undefined && b !== undefined) add(toggledLink(frame, a, b, at));
}

function nodesTable(frame: Frame, simulation: Simulation, add: Add): TemplateResult {
  return html`<table>
    <caption>Nodes</caption>
    <thead><tr><th scope="col">Node</th><th scope="col">State</th><th scope="col">From here on</th></tr></thead>
    <tbody>${frame.nodes.map((node) => nodeRow(node, simulation, add))}</tbody>
  </table>`;
}

function nodeRow(node: NodeView, { at, scenario }: Simulation, add: Add): TemplateResult {
  const { name, status } = node;
  const fault: Fault = { at, do: status === 'down' ? 'restart' : 'crash', node: name };
  const count = scenario.steps.filter((step) => step.do === 'write' || step.do === 'add').length + 1;
  const request: Request = protocols[scenario.protocol].requests.includes('write')
    ? { at, do: 'write', node: name, key: 'x', value: String(count) }
    : { at, do: 'add', node: name, key: 'x', by: 1 };
  const word = request.do === 'write' ? 'Write' : 'Add';
  return html`<tr>
    <th scope="row">${name}</th>
    <td data-label="State">${describeNode(node)}</td>
    <td data-label="From here on" class="row-actions">
      <button type="button" class="small" aria-label="${fault.do === 'crash' ? 'Crash' : 'Restart'} ${name}" @click=${() => add(fault)}>${fault.do === 'crash' ? 'Crash' : 'Restart'}</button>
      <button type="button" class="small" aria-label="${word} at ${name}" @click=${() => add(request)}>${word}</button>
    </td>
  </tr>`;
}

/** Half of a matrix: a button for each link. */
function linksTable(frame: Frame, at: number, add: Add): TemplateResult {
  const names = frame.nodes.map(({ name }) => name);
  if (names.length < 2) return html``;
  return html`<div><table class="links">
    <caption>Links</caption>
    <thead><tr><td></td>${names.slice(1).map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>${names.slice(0, -1).map(
      (a, row) =>
        html`<tr><th scope="row">${a}</th>${names.slice(1).map((b, column) => {
          if (column < row) return html`<td></td>`;
          const cut = isCut(frame, a, b);
          return html`<td><button type="button" class=${cut ? 'small cut' : 'small'} aria-label="Link ${a} to ${b}: ${cut ? 'cut' : 'open'}" @click=${() => add(toggledLink(frame, a, b, at))}>${cut ? 'cut' : 'open'}</button></td>`;
        })}</tr>`,
    )}</tbody>
  </table>
  <div class="code-actions">
    <vscode-button secondary @click=${() => add({ at, do: 'heal' })}>Heal all links</vscode-button>
  </div></div>`;
}

function isCut({ cut }: Frame, a: NodeName, b: NodeName): boolean {
  return cut.some(([from, to]) => (from === a && to === b) || (from === b && to === a));
}

function toggledLink(frame: Frame, a: NodeName, b: NodeName, at: number): Step {
  return { at, do: isCut(frame, a, b) ? 'heal' : 'cut', link: [a, b] };
}

function requestsTable({ operations }: Trace): TemplateResult {
  if (operations.length === 0) return html`<p>No client asks for anything in this run.</p>`;
  return table(
    'Requests of clients and what came of them',
    ['Request', 'At', 'Asked of', 'Outcome', 'In the end'],
    operations.map((operation) => {
      const { id, request, fate, outcome } = operation;
      return [
        `#${id} ${describeRequest(request)}`,
        `${request.at} ms`,
        request.node,
        describeOutcome(operation),
        html`<span class=${isBroken(operation) ? 'bad' : ''}>${fate === undefined ? '' : describeFate(fate, outcome)}</span>`,
      ];
    }),
  );
}

function isBroken({ outcome, fate }: Operation): boolean {
  return outcome === 'accepted' && (fate === 'lost' || fate === 'divergent');
}

const drawings = new Map<string, { readonly text: string; readonly node: Node }>();

/** A drawing as a node; the one under the same key is kept while its text is the same. */
function drawing(text: string, key: string): Node {
  const kept = drawings.get(key);
  if (kept?.text === text) return kept.node;
  const node = document.importNode(new DOMParser().parseFromString(text, 'image/svg+xml').documentElement, true);
  // As wide as there is room for.
  node.removeAttribute('width');
  node.removeAttribute('height');
  drawings.set(key, { text, node });
  return node;
}

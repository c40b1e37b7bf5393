/** The whole page: what is decided above, the answers at the side, and everything that follows from them in tabs. */
import { html, nothing, type TemplateResult } from 'lit';
import { decisionSection, madrDocuments } from '../../core/design/document';
import { clusterView } from './cluster';
import { codeView } from './code';
import { documentView } from './document';
import { failuresView } from './failures';
import { guaranteesView } from './guarantees';
import { optionsView } from './options';
import type { Page } from './page-context';
import { questionsView } from './questions';
import { simulatorView } from './simulator';
import { type View, views } from './state';
import { summaryView } from './summary';

const tabs: Readonly<Record<View, { readonly title: string; readonly show: (page: Page) => TemplateResult }>> = {
  answers: { title: 'Answers', show: questionsView },
  options: { title: 'Options', show: optionsView },
  guarantees: { title: 'Guarantees', show: guaranteesView },
  failures: { title: 'Failures', show: failuresView },
  cluster: { title: 'Cluster', show: clusterView },
  simulator: { title: 'Simulator', show: simulatorView },
  code: { title: 'Code', show: codeView },
  document: { title: 'Document', show: documentView },
};

export function pageView(page: Page): TemplateResult {
  const { narrow } = page;
  return html`<div class=${narrow ? 'page narrow' : 'page'}>
    ${header(page)}
    ${narrow ? nothing : html`<aside class="side" aria-label="Answers">${questionsView(page)}</aside>`}
    <main>
      ${summaryView(page)}
      ${tabStrip(page)}
      ${tabPanel(page)}
    </main>
  </div>`;
}

function header(page: Page): TemplateResult {
  const { design } = page.state;
  return html`<header>
    <div class="title">
      <h1>${design.name}</h1>
      <div class="header-actions">
        <vscode-button @click=${() => save(page)}>Save decision</vscode-button>
        <vscode-button secondary @click=${() => page.ask({ type: 'save-records', records: madrDocuments(page.documented()) })}>Save as ADR</vscode-button>
        <vscode-button secondary @click=${() => page.ask({ type: 'open-saved' })}>Open saved…</vscode-button>
      </div>
    </div>
    <nav aria-label="Components">
      <ul>
        ${design.classes.map((one, index) => {
          const recommended = page.report.classes[index]?.decision.recommended;
          return html`<li><button type="button" class="chip" aria-current=${index === page.state.current ? 'true' : 'false'} @click=${() => page.change({ current: index })}>
            ${one.name}<span class="quiet">${recommended ? `${recommended.name}, ${recommended.fit}` : 'undecided'}</span>
          </button></li>`;
        })}
        <li><button type="button" class="chip add" @click=${() => addClass(page)}>Add component</button></li>
      </ul>
    </nav>
    <p class="outcome ${page.outcome && !page.outcome.done ? 'failed' : ''}" role="status">${page.outcome?.text ?? ''}</p>
  </header>`;
}

function save(page: Page): void {
  const { id, heading, body } = decisionSection(page.documented());
  page.ask({ type: 'save-decision', section: { id, heading, body } });
}

function addClass(page: Page): void {
  const { design } = page.state;
  const names = new Set(design.classes.map(({ name }) => name));
  let number = design.classes.length + 1;
  while (names.has(`component ${number}`)) number++;
  const classes = [...design.classes, { name: `component ${number}`, answers: {} }];
  page.change({ design: { ...design, classes }, current: classes.length - 1 });
}

/** The tabs that there is need for: where the answers stand beside, they are none of them. */
function shownViews({ narrow }: Page): readonly View[] {
  return narrow ? views : views.filter((view) => view !== 'answers');
}

function currentView(page: Page): View {
  return shownViews(page).includes(page.state.view) ? page.state.view : 'options';
}

function tabStrip(page: Page): TemplateResult {
  const shown = shownViews(page);
  const current = currentView(page);
  return html`<div class="tabs" role="tablist" aria-label="Parts of the design" @keydown=${(event: KeyboardEvent) => moveTab(event, page, shown, current)}>
    ${shown.map(
      (view) => html`<button
        type="button"
        role="tab"
        id="tab-${view}"
        aria-selected=${view === current}
        aria-controls="panel"
        tabindex=${view === current ? 0 : -1}
        @click=${() => page.change({ view })}
      >${tabs[view].title}</button>`,
    )}
  </div>`;
}

/** Arrow keys, Home and End move between tabs, and show what they move to. */
function moveTab(event: KeyboardEvent, page: Page, shown: readonly View[], current: View): void {
  const at = shown.indexOf(current);
  const places: Readonly<Record<string, number>> = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: shown.length - 1 };
  const place = places[event.key];
  if (place === undefined) return;
  const view = shown[(place + shown.length) % shown.length];
  if (view === undefined) return;
  event.preventDefault();
  page.change({ view });
  document.getElementById(`tab-${view}`)?.focus();
}

function tabPanel(page: Page): TemplateResult {
  const current = currentView(page);
  return html`<div id="panel" class="panel ${current}" role="tabpanel" aria-labelledby="tab-${current}">${tabs[current].show(page)}</div>`;
}

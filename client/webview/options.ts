/** The ranking: each option with its fit, and on demand the table that the fit comes from. */
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { tellingWeight } from '../../core/design/document';
import { optionOf } from '../../core/design/options';
import type { Evaluation } from '../../core/design/rank';
import type { Page } from './page-context';
import { bullets, prose, table } from './prose';
import { isOpen, keepFold } from './questions';
import { openQuestions } from './summary';

export function optionsView(page: Page): TemplateResult {
  const { one } = page;
  if (!one) return html`<p>The cluster is decided without options: see Cluster.</p>`;
  const { ranked, recommended, sensitivity, notes, tie } = one.decision;
  if ((ranked[0]?.weight ?? 0) < tellingWeight) {
    return html`<h3>Options</h3>
      <p>Not weighed yet, because too little is known.</p>
      <ul class="names">${ranked.map(({ name }) => html`<li>${name}</li>`)}</ul>`;
  }
  const fitting = ranked.filter(({ vetoes }) => vetoes.length === 0);
  const ruledOut = ranked.filter(({ vetoes }) => vetoes.length > 0);
  return html`
    ${tie === undefined ? nothing : html`<p><strong>Close call.</strong> ${prose(tie)}</p>`}
    <h3 id="fitting">Ranked by fit</h3>
    ${fitting.length === 0 ? html`<p>Every option is ruled out by an answer.</p>` : list(page, fitting, 'fitting', recommended?.option)}
    ${
      ruledOut.length === 0
        ? nothing
        : html`<h3 id="ruled-out">Ruled out by an answer</h3>
            ${list(page, ruledOut, 'ruled-out', undefined)}`
    }
    ${notes.length === 0 ? nothing : html`<h3>To know</h3> ${bullets(notes)}`}
    ${one.decision.open.length === 0 || !recommended ? nothing : html`<h3>Questions that matter most</h3> ${openQuestions(page)}`}
    ${sensitivity.length === 0 ? nothing : html`<h3>What would change the answer</h3> ${bullets(sensitivity.map(({ sentence }) => sentence))}`}
  `;
}

function list(page: Page, evaluations: readonly Evaluation[], label: string, recommended: string | undefined): TemplateResult {
  return html`<ol class="ranking" aria-labelledby=${label}>
    ${repeat(
      evaluations,
      ({ option }) => option,
      (evaluation) => html`<li>${entry(page, evaluation, evaluation.option === recommended)}</li>`,
    )}
  </ol>`;
}

function entry(page: Page, evaluation: Evaluation, recommended: boolean): TemplateResult {
  const { option, name, cap, fit, vetoes } = evaluation;
  const fold = { id: `option-${option}`, open: false };
  const opened = isOpen(page, fold);
  return html`<details class="option" ?open=${opened} @toggle=${(event: Event) => keepFold(page, fold, (event.currentTarget as HTMLDetailsElement).open)}>
    <summary>
      <span class="option-name">${name}${recommended ? html` <vscode-badge variant="activity-bar-counter">Recommended</vscode-badge>` : nothing}</span>
      <span class="cap" title=${cap === 'CP' ? 'Gives up availability in a partition' : 'Gives up agreement in a partition'}>${cap}</span>
      <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class=${vetoes.length > 0 ? 'filled vetoed' : 'filled'} width=${fit * 10} height="6" /></svg>
      <span class="fit"><span class="quiet-caption">Fit </span>${fit.toFixed(1)}</span>
      ${vetoes[0] ? html`<span class="veto">${prose(vetoes[0].reason)}</span>` : nothing}
    </summary>
    ${opened ? details(evaluation) : nothing}
  </details>`;
}

function details({ option, name, criteria, vetoes, points, weight, burden }: Evaluation): TemplateResult {
  const { summary, pros, cons, cannot, libraries, pacelc, burdenWhy } = optionOf(option);
  return html`<div class="option-details">
    <p>${prose(summary)}</p>
    ${vetoes.length > 1 ? bullets(vetoes.slice(1).map(({ reason }) => reason)) : nothing}
    ${table(
      `How ${name} got its fit`,
      ['Criterion', 'Answer', 'Points', 'Why'],
      criteria.map((row) => [
        row.name,
        html`${row.answer}${row.source === 'answered' ? nothing : html` <span class="quiet">${row.source}</span>`}`,
        html`<span class="number">${row.points} of ${row.weight}</span>`,
        prose(row.why),
      ]),
    )}
    <p class="sum">${sumOf(points, weight)}${vetoes.length > 0 ? ' A ruled-out option has 3 at most.' : ''} ${pacelc}. Operation: ${burden} of 5. ${prose(burdenWhy)}</p>
    <div class="columns">
      <section><h4>For it</h4>${bullets(pros)}</section>
      <section><h4>Against it</h4>${bullets([...cons, ...cannot])}</section>
    </div>
    ${
      libraries.length === 0
        ? nothing
        : html`<p class="quiet">Libraries: ${libraries.map(({ name, version }, index) => html`${index > 0 ? ', ' : ''}<code>${name}</code>${version === undefined ? '' : ` ${version}`}`)}</p>`
    }
  </div>`;
}

function sumOf(points: number, weight: number): string {
  if (weight === 0) return 'Nothing that is known speaks for or against it.';
  return `${points} of ${weight} points: ${(Math.round((100 * points) / weight) / 10).toFixed(1)} of 10.`;
}

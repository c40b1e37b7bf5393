/** Texts of the core on the page: always as text nodes, with `code` between back ticks. */
import { html, type TemplateResult } from 'lit';

/** A sentence in which what stands between back ticks is code. */
export function prose(text: string): readonly (string | TemplateResult)[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));
}

/** A list of sentences. */
export function bullets(items: readonly string[]): TemplateResult {
  return html`<ul>${items.map((item) => html`<li>${prose(item)}</li>`)}</ul>`;
}

/** Numbered steps. */
export function steps(items: readonly string[]): TemplateResult {
  return html`<ol>${items.map((item) => html`<li>${prose(item)}</li>`)}</ol>`;
}

/** A table with a caption for screen readers; the first cell of a row is its header. On narrow pages rows become cards. */
export function table(caption: string, head: readonly string[], rows: readonly (readonly unknown[])[]): TemplateResult {
  return html`<table>
    <caption class="quiet-caption">${caption}</caption>
    <thead><tr>${head.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
    <tbody>${rows.map(
      (cells) =>
        html`<tr>${cells.map((cell, index) => (index === 0 ? html`<th scope="row">${cell}</th>` : html`<td data-label=${head[index] ?? ''}>${cell}</td>`))}</tr>`,
    )}</tbody>
  </table>`;
}

/** The document that the decision is saved as, section by section. */
import { html, nothing, type TemplateResult } from 'lit';
import { madrDocuments, markdownDocument } from '../../core/design/document';
import { blocks, outline, type Part } from './markdown';
import type { Page } from './page-context';
import { isOpen, keepFold } from './questions';

export function documentView(page: Page): TemplateResult {
  const form = page.state.document;
  const text = form === 'section' ? markdownDocument(page.documented()) : recordText(page);
  const whole = outline(text);
  return html`
    <div class="code-actions">
      <div class="switch" role="group" aria-label="Document">
        <button type="button" aria-pressed=${form === 'section'} @click=${() => page.change({ document: 'section' })}>Knowledge base</button>
        <button type="button" aria-pressed=${form === 'record'} @click=${() => page.change({ document: 'record' })}>Decision record</button>
      </div>
      <vscode-button secondary @click=${() => page.ask({ type: 'copy', text })}>Copy Markdown</vscode-button>
    </div>
    <article class="document" aria-label="Preview of the document">
      ${whole.body.length > 0 ? blocks(whole.body) : nothing}
      ${whole.parts.map((part, index) => partView(page, part, `document-${form}-${index}`, 3, index === 0))}
    </article>
  `;
}

/** The record of the class that is looked at. */
function recordText({ documented, state }: Page): string {
  const records = madrDocuments(documented());
  return (records[state.current] ?? records[0])?.text ?? '';
}

function partView(page: Page, part: Part, id: string, level: 3 | 4, open: boolean): TemplateResult {
  const fold = { id, open };
  const opened = isOpen(page, fold);
  return html`<details class="fold part" ?open=${opened} @toggle=${(event: Event) => keepFold(page, fold, (event.currentTarget as HTMLDetailsElement).open)}>
    <summary>${level === 3 ? html`<h3>${part.title}</h3>` : html`<h4>${part.title}</h4>`}</summary>
    ${
      opened
        ? html`<div class="part-body">
            ${blocks(part.body)}
            ${part.parts.map((inner, index) => partView(page, inner, `${id}-${index}`, 4, false))}
          </div>`
        : nothing
    }
  </details>`;
}

/** What happens when something breaks. */
import { html, type TemplateResult } from 'lit';
import type { FailureMode } from '../../core/design/failureModes';
import type { Page } from './page-context';
import { bullets, prose, table } from './prose';

const words: Readonly<Record<FailureMode['available'], { readonly text: string; readonly mark: string }>> = {
  yes: { text: 'Answers', mark: '●' },
  partly: { text: 'In part', mark: '◐' },
  no: { text: 'Refuses', mark: '○' },
};

export function failuresView({ one }: Page): TemplateResult {
  if (!one?.option) return html`<p>Without a recommendation nothing can be said about failures yet.</p>`;
  const { option, failureModes, signals } = one;
  return html`
    <h3>Failure modes</h3>
    ${table(
      `What happens to ${option.name}`,
      ['What breaks', 'Service', 'What happens', 'What a client sees'],
      failureModes.map(({ event, available, happens, clientSees }) => [
        event,
        html`<span class="availability ${available}"><span aria-hidden="true">${words[available].mark}</span> ${words[available].text}</span>`,
        prose(happens),
        prose(clientSees),
      ]),
    )}
    <h3>After a partition</h3>
    ${bullets([`The majority: ${option.partition.majority}`, `The minority: ${option.partition.minority}`, `The heal: ${option.partition.heal}`])}
    <h3>Monitoring</h3>
    ${table(
      'Signals to watch',
      ['Signal', 'Warn', 'Page', 'How it is read'],
      signals.map(({ name, warn, page, read }) => [name, prose(warn), prose(page ?? ''), prose(read)]),
    )}
  `;
}

/** What the recommended option promises: consistency and its price, the quorum, the lease. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ClassReport } from '../../core/design/document';
import { leaseRules } from '../../core/design/lease';
import { grouped } from '../../core/design/questions';
import { visibleNodesCaveat } from '../../core/design/quorum';
import type { Page } from './page-context';
import { bullets, prose, table } from './prose';

export function guaranteesView({ one }: Page): TemplateResult {
  if (!one?.option || !one.consistency) return html`<p>Without a recommendation there is nothing to promise yet.</p>`;
  const { consistency, cap, quorum, lease, option, techniques } = one;
  const { level } = consistency;
  return html`
    <h3>Consistency: ${level.name.toLowerCase()}</h3>
    <p>${prose(cap ?? '')}</p>
    <dl class="facts">
      <dt>A reader sees</dt><dd>${prose(level.readerSees)}</dd>
      <dt>How it is had</dt><dd>${prose(consistency.implementation)}</dd>
      <dt>Weaker ways</dt><dd>${prose(consistency.weaker)}</dd>
      <dt>Cost</dt><dd>${prose(level.cost)}</dd>
    </dl>
    ${latencyView(one)}
    <h3>Quorum</h3>
    ${quorum ? quorumView(quorum) : html`<p>${prose(noQuorum(option.decides, option.name))}</p>`}
    ${lease ? leaseView(lease) : nothing}
    ${techniques.length === 0 ? nothing : html`<h3>Techniques</h3> ${bullets(techniques.map(({ name, what, when }) => `${name}: ${what} ${when}`))}`}
  `;
}

function latencyView({ decision: { latency } }: ClassReport): TemplateResult | typeof nothing {
  if (!latency) return nothing;
  return html`<h3>Time on the wire</h3>
    <p>${prose(latency.explanation)}${latency.measured ? nothing : html` <span class="quiet">Assumed for the geography: measure the round trip.</span>`}</p>
    ${table(
      'Milliseconds on the wire, at most',
      ['From', 'Write', 'Fresh read'],
      [
        ['Near', ms(latency.writeNearMs), ms(latency.readNearMs)],
        ['Farthest', ms(latency.writeFarMs), ms(latency.readFarMs)],
      ],
    )}`;
}

function quorumView({ voters, majority, tolerated, rows, projected, growth }: NonNullable<ClassReport['quorum']>): TemplateResult {
  return html`
    <p><strong>${voters} voters: ${majority} decide, ${tolerated} may fail.</strong> ${projected ?? ''}</p>
    <table>
      <caption class="quiet-caption">Majority and tolerated failures by the number of voters</caption>
      <thead><tr><th scope="col">Voters</th><th scope="col">Majority</th><th scope="col">May fail</th><th scope="col">Note</th></tr></thead>
      <tbody>
        ${rows.map(
          (row) => html`<tr class=${row.n === voters ? 'chosen' : ''}>
            <th scope="row">${row.n}${row.n === voters ? html` <span class="quiet">this design</span>` : nothing}</th>
            <td data-label="Majority">${row.majority}</td>
            <td data-label="May fail">${row.tolerated}</td>
            <td data-label="Note">${row.note}</td>
          </tr>`,
        )}
      </tbody>
    </table>
    ${growth.length === 0 ? nothing : html`<h4>Growing, one member at a time</h4> ${bullets(growth)}`}
    <p class="quiet">${visibleNodesCaveat}</p>
  `;
}

function leaseView({ terms, schedule }: NonNullable<ClassReport['lease']>): TemplateResult {
  return html`<h3>Lease</h3>
    ${table(
      'Schedule of the lease',
      ['Event', 'After'],
      [
        ['The grantor grants for', ms(terms.durationMs)],
        ['The holder renews every', ms(schedule.renewEveryMs)],
        ['The holder stops after', ms(schedule.holderStopsMs)],
        ['The grantor grants anew after', ms(schedule.grantorWaitsMs)],
        ['Without a holder for at most', ms(schedule.takeoverWithinMs)],
      ],
    )}
    ${bullets(leaseRules)}`;
}

function noQuorum(decides: 'majority' | 'outside' | 'both-sides' | 'each-node', name: string): string {
  switch (decides) {
    case 'majority':
      return 'Say how many nodes there are, and the majority is computed.';
    case 'outside':
      return `None of your own is counted: ${name} decides outside of the cluster, and the side that reaches it goes on.`;
    case 'both-sides':
      return 'None is counted: both sides of a partition accept writes, and merge later.';
    case 'each-node':
      return 'None is counted: each node decides for itself.';
  }
}

function ms(value: number): string {
  return `${grouped(value)} ms`;
}

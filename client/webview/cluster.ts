/** How the nodes find and reach each other. */
import { html, nothing, type TemplateResult } from 'lit';
import { hyparview } from '../../core/design/clustering';
import { grouped } from '../../core/design/questions';
import type { Page } from './page-context';
import { bullets, prose, steps, table } from './prose';

export function clusterView(page: Page): TemplateResult {
  const { cluster } = page.report.decision;
  const { discovery } = cluster;
  return html`
    <h3>${cluster.name}</h3>
    ${bullets(cluster.because)}
    ${
      cluster.nodes === undefined
        ? nothing
        : table(
            'Connections by topology',
            ['Topology', `Connections of ${grouped(cluster.nodes)} nodes`],
            [
              ['Full mesh, n(n−1)/2', grouped(cluster.meshConnections ?? 0)],
              [`HyParView, active view ${hyparview.activeView}`, `at most ${grouped(cluster.hyparviewConnections ?? 0)}`],
            ],
          )
    }
    <h3>Other topologies</h3>
    ${table(
      'Other topologies and why not',
      ['Topology', 'When', 'Ruled out by'],
      cluster.alternatives.map(({ name, when, veto }) => [name, when, prose(veto ?? '')]),
    )}
    <h3>Discovery</h3>
    ${
      discovery
        ? html`<p><code>${discovery.strategy}</code> of ${discovery.library} ${discovery.version}${discovery.package === undefined ? '' : `, package ${discovery.package}`}</p>
            <div class="code-actions">
              <vscode-button secondary @click=${() => page.ask({ type: 'copy', text: discovery.config })}>Copy configuration</vscode-button>
              <vscode-button secondary @click=${() => page.ask({ type: 'insert', text: discovery.config })}>Insert at cursor</vscode-button>
            </div>
            <pre tabindex="0" aria-label="Configuration of discovery"><code>${discovery.config}</code></pre>
            ${bullets(discovery.notes)}`
        : html`<p>Say where the nodes run, and the strategy is named with the keys it needs.</p>`
    }
    ${cluster.migration.length === 0 ? nothing : html`<h3>Out of the full mesh</h3> ${steps(cluster.migration)}`}
    <h3>Security</h3>
    ${bullets(cluster.security)}
    ${cluster.open.length === 0 ? nothing : html`<h3>Unknown</h3> ${bullets(cluster.open)}`}
  `;
}

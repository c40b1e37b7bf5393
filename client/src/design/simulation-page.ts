/** A run of the simulation as a page without scripts: what came of it, the timeline, each request, and what happened when. */
import { describeFate, describeNode, describeOutcome, describeRequest, describeVerdicts } from '../../../core/design/simulate/describe';
import { protocols } from '../../../core/design/simulate/protocols/index';
import { timelineSvg } from '../../../core/design/simulate/svg';
import type { Frame, Trace } from '../../../core/design/simulate/types';

/** A link in the page that runs a command of the editor. */
export interface PageLink {
  readonly text: string;
  /** `command:` and its encoded arguments. */
  readonly href: string;
}

/** The whole page. `nonce` is new for every page: nothing but the one style sheet is allowed. */
export function simulationPage(trace: Trace, nonce: string, links: readonly PageLink[]): string {
  const { scenario, frames, operations, verdicts } = trace;
  const title = escaped(scenario.name ?? protocols[scenario.protocol].title);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${scenario.description === undefined ? '' : `<p>${escaped(scenario.description)}</p>`}
<p class="facts">${escaped(factsOf(trace))}</p>
${links.length === 0 ? '' : `<nav aria-label="Run it differently"><ul>${links.map(({ text, href }) => `<li><a href="${escaped(href)}">${escaped(text)}</a></li>`).join('')}</ul></nav>`}
<h2>What came of it</h2>
<ul>${describeVerdicts(verdicts, scenario.protocol)
    .map((verdict) => `<li>${escaped(verdict)}</li>`)
    .join('')}</ul>
<h2>Timeline</h2>
<div class="timeline" tabindex="0" role="group" aria-label="Timeline">${timelineSvg(trace, 'timeline')}</div>
${
  operations.length === 0
    ? ''
    : table(
        'Requests',
        ['Request', 'At', 'Asked of', 'Outcome', 'In the end'],
        operations.map((operation) => [
          `#${operation.id} ${describeRequest(operation.request)}`,
          `${operation.request.at} ms`,
          operation.request.node,
          describeOutcome(operation),
          operation.fate === undefined ? '' : describeFate(operation.fate, operation.outcome),
        ]),
      )
}
${table(
  'What happened',
  ['At', 'Event', 'Then'],
  happenings(frames).map(({ at, events, states }) => [`${at} ms`, events.join('; '), states.join('; ')]),
)}
</main>
</body>
</html>
`;
}

function factsOf({ scenario, messages }: Trace): string {
  const options = Object.entries(scenario.options ?? {}).map(([name, value]) => `${name} ${value}`);
  return [
    protocols[scenario.protocol].title,
    ...options,
    `${scenario.nodes} ${scenario.nodes === 1 ? 'node' : 'nodes'}`,
    `seed ${scenario.seed}`,
    `${scenario.until} ms`,
    `${messages.delivered} of ${messages.sent} messages delivered`,
  ].join(' · ');
}

/** The frames with events, each with the nodes whose state is another than before. */
function happenings(
  frames: readonly Frame[],
): readonly { readonly at: number; readonly events: readonly string[]; readonly states: readonly string[] }[] {
  let before: readonly string[] = [];
  return frames.map(({ at, events, nodes }) => {
    const states = nodes.map((node) => `${node.name} ${describeNode(node)}`);
    const news = states.filter((state) => !before.includes(state));
    before = states;
    return { at, events, states: news };
  });
}

function table(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[]): string => row.map((cell) => `<td>${escaped(cell)}</td>`).join('');
  return `<h2 id="${caption.toLowerCase().replaceAll(' ', '-')}">${caption}</h2>
<table aria-labelledby="${caption.toLowerCase().replaceAll(' ', '-')}"><thead><tr>${head.map((cell) => `<th scope="col">${cell}</th>`).join('')}</tr></thead>
<tbody>${rows.map((row) => `<tr>${cells(row)}</tr>`).join('\n')}</tbody></table>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}

/** In the colours of the editor's theme; what a colour says, a shape or a word says too. */
const style = `
body { font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); color: var(--vscode-foreground); padding: 0 1.5em 2em; line-height: 1.5; }
h1 { font-size: 1.5em; font-weight: 600; }
h2 { font-size: 1.15em; font-weight: 600; margin-top: 1.5em; }
a { color: var(--vscode-textLink-foreground); text-decoration: underline; }
.facts { color: var(--vscode-descriptionForeground); }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 0.3em 1.5em; }
.timeline { overflow-x: auto; }
.timeline svg { min-width: 640px; max-width: 1200px; width: 100%; height: auto; }
table { border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: 0.25em 1em 0.25em 0; border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, currentColor)); }
svg text { font: 12px var(--vscode-font-family); fill: var(--vscode-foreground); }
svg .label { font-weight: 600; }
svg .small { font-size: 10px; }
svg .axis, svg .lane, svg .link { stroke: var(--vscode-descriptionForeground); fill: none; }
svg .partition { fill: var(--vscode-editor-background); stroke: var(--vscode-charts-orange); stroke-dasharray: 2 4; }
svg .role { fill: var(--vscode-editorWidget-background); stroke: var(--vscode-foreground); }
svg .role.leader, svg .role.holder { fill: var(--vscode-charts-blue); }
svg .role.candidate { fill: var(--vscode-charts-yellow); }
svg .role.replica { fill: var(--vscode-charts-purple); }
svg .role.down { fill: none; stroke-dasharray: 3 3; }
svg .role.frozen { stroke-width: 3; }
svg .request { fill: var(--vscode-editor-background); stroke: var(--vscode-foreground); stroke-width: 1.5; }
svg .request.accepted { fill: var(--vscode-charts-green); }
svg .overlap, svg .request.lost, svg .request.divergent { fill: var(--vscode-charts-red); }
`;

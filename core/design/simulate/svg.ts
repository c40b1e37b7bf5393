/**
 * A trace as SVG: the cluster at one instant, and the whole run as a timeline. What a colour says, a shape or a word says too. The drawings have
 * classes and no styles, so that a page with a strict policy styles them; `standaloneSvg` brings its styles along, for a file.
 */
import { describeFate, describeNode, describeOutcome, describeRequest, describeVerdicts } from './describe';
import { protocols } from './protocols/index';
import type { Frame, NodeName, NodeView, Operation, Trace } from './types';

/** Styles for the classes, for a light and for a dark background. */
export const svgStyle = `
text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.background { fill: #ffffff; }
.label { font-weight: 600; }
.small { font-size: 10px; }
.axis, .lane, .link { stroke: #8c959f; fill: none; }
.link.cut { stroke: #cf222e; stroke-dasharray: 4 4; stroke-width: 2; }
.partition { fill: #fff1e5; stroke: #bc4c00; stroke-dasharray: 2 4; }
.role { stroke: #1f2328; stroke-width: 1; fill: #d0d7de; }
.role.leader, .role.holder { fill: #0969da; }
.role.candidate { fill: #d4a72c; }
.role.replica { fill: #54aeff; }
.role.leader + .label, .role.holder + .label { fill: #ffffff; }
.role.down { fill: none; stroke-dasharray: 3 3; }
.role.frozen { stroke-width: 3; }
.overlap { fill: #cf222e; }
.request { fill: #ffffff; stroke: #1f2328; stroke-width: 1.5; }
.request.accepted { fill: #1a7f37; }
.request.lost, .request.divergent { fill: #cf222e; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .background { fill: #0d1117; }
  .partition { fill: #2d1c0d; stroke: #db6d28; }
  .role, .request { stroke: #e6edf3; }
  .role { fill: #424a53; }
  .role.leader, .role.holder { fill: #388bfd; }
  .role.candidate { fill: #bb8009; }
  .role.replica { fill: #1158c7; }
  .request { fill: #0d1117; }
  .request.accepted { fill: #3fb950; }
  .link.cut { stroke: #ff7b72; }
  .overlap, .request.lost, .request.divergent { fill: #ff7b72; }
}
`;

const width = 960;
const left = 60;
const right = 20;
const laneHeight = 40;
const top = 60;

/** The run as a timeline, in a file of its own. */
export function standaloneSvg(trace: Trace): string {
  return timeline(trace, 'netsplit', `<style>${svgStyle}</style><rect class="background" width="100%" height="100%"/>`);
}

/** The run as a timeline: a lane for each node, bands for cuts, marks for requests. `id` makes the ids in it unique on a page. */
export function timelineSvg(trace: Trace, id: string): string {
  return timeline(trace, id, '');
}

function timeline(trace: Trace, id: string, prologue: string): string {
  const { scenario, frames, operations, verdicts } = trace;
  const lanes = frames[0]?.nodes.map(({ name }) => name) ?? [];
  const bottom = top + lanes.length * laneHeight;
  const height = bottom + 60;
  const x = (at: number): number => round(left + ((width - left - right) * at) / scenario.until);
  const lane = (node: NodeName): number => top + lanes.indexOf(node) * laneHeight + laneHeight / 2;
  return svg(width, height, id, title(trace), describeVerdicts(verdicts, scenario.protocol).join(' '), [
    prologue,
    text(left, 20, title(trace), 'label'),
    ...partitions(trace).map(({ from, to, label }) =>
      group(`${label}, from ${from} to ${to} ms`, [
        `<rect class="partition" x="${x(from)}" y="${top - 22}" width="${round(x(to) - x(from))}" height="${bottom - top + 22}"/>`,
        text(x(from) + 3, top - 10, label, 'small'),
      ]),
    ),
    ...lanes.flatMap((node) => [
      text(8, lane(node) + 4, node, 'label'),
      `<line class="lane" x1="${left}" y1="${lane(node)}" x2="${width - right}" y2="${lane(node)}"/>`,
      ...stretches(frames, node, scenario.until).map(({ from, to, view }) => bar(view, x(from), x(to), lane(node), from, to)),
    ]),
    ...verdicts.twoLeaders.map(({ from, to, nodes, claim }) =>
      group(`From ${from} to ${to} ms ${nodes.join(' and ')} each acted as ${claim}`, [
        `<rect class="overlap" x="${x(from)}" y="${bottom + 2}" width="${round(Math.max(2, x(to) - x(from)))}" height="6"/>`,
        text(x(from), bottom + 20, `${nodes.join(' and ')}: ${claim}`, 'small'),
      ]),
    ),
    ...operations.map((operation) => mark(operation, x(operation.request.at), lane(operation.request.node))),
    ...axis(scenario.until, x, height - 22),
  ]);
}

/** The cluster at frame `index`: nodes in a circle, their roles, and which links are cut. `id` makes the ids in it unique on a page. */
export function clusterSvg(trace: Trace, index: number, id: string): string {
  const frame = trace.frames[Math.min(Math.max(index, 0), trace.frames.length - 1)];
  if (frame === undefined) return svg(size, size, id, title(trace), 'The run has no frames.', []);
  const { nodes } = frame;
  const place = (node: number, radius = circle): Point => {
    const angle = (2 * Math.PI * node) / nodes.length - Math.PI / 2;
    return { x: round(size / 2 + radius * Math.cos(angle)), y: round(size / 2 + radius * Math.sin(angle)) };
  };
  const links = nodes.flatMap((a, i) => nodes.slice(i + 1).map((b, j) => link(frame, a.name, b.name, place(i), place(i + 1 + j))));
  const states = nodes.map((node) => `${node.name}: ${describeNode(node)}.`).join(' ');
  return svg(size, size, id, `${title(trace)} at ${frame.at} ms`, states, [
    ...links,
    ...nodes.map((node, i) => {
      const { x, y } = place(i);
      const word = place(i, circle + 32);
      return group(`${node.name}: ${describeNode(node)}`, [
        `<circle class="${roleClass(node)}" cx="${x}" cy="${y}" r="24" data-node="${node.name}"/>`,
        text(x, y + 4, node.name, 'label', 'middle'),
        text(word.x, word.y + 4, roleWord(node), 'small', outwards(word.x)),
      ]);
    }),
  ]);
}

/** A text beside a node goes away from it. */
function outwards(x: number): 'start' | 'middle' | 'end' {
  if (Math.abs(x - size / 2) < circle / 3) return 'middle';
  return x > size / 2 ? 'start' : 'end';
}

const size = 440;
const circle = 140;

interface Point {
  readonly x: number;
  readonly y: number;
}

function link(frame: Frame, a: NodeName, b: NodeName, from: Point, to: Point): string {
  const there = frame.cut.some(([x, y]) => x === a && y === b);
  const back = frame.cut.some(([x, y]) => x === b && y === a);
  const state = there && back ? 'cut' : there ? `cut from ${a} to ${b}` : back ? `cut from ${b} to ${a}` : 'open';
  return group(`Link ${a} – ${b}: ${state}`, [
    `<line class="link${there || back ? ' cut' : ''}" x1="${from.x}" y1="${from.y}" x2="${to.x}" y2="${to.y}"/>`,
    // Wide and unseen, so that a pointer need not meet a hair.
    `<line class="hit" data-link="${a} ${b}" x1="${from.x}" y1="${from.y}" x2="${to.x}" y2="${to.y}"/>`,
  ]);
}

function title({ scenario }: Trace): string {
  return `${scenario.name ?? protocols[scenario.protocol].title}, seed ${scenario.seed}`;
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly view: NodeView;
}

/** The stretches in which a node kept its role, term and status. */
function stretches(frames: readonly Frame[], name: NodeName, until: number): readonly Stretch[] {
  const result: Stretch[] = [];
  for (const [index, frame] of frames.entries()) {
    const view = frame.nodes.find((node) => node.name === name);
    const to = frames[index + 1]?.at ?? until;
    const last = result.at(-1);
    if (view === undefined || to === frame.at) continue;
    if (last !== undefined && last.view.role === view.role && last.view.term === view.term && last.view.status === view.status) {
      result[result.length - 1] = { ...last, to };
    } else result.push({ from: frame.at, to, view });
  }
  return result;
}

function bar(view: NodeView, from: number, to: number, y: number, start: number, end: number): string {
  const tall = view.role === 'leader' || view.role === 'holder' || view.role === 'candidate';
  const height = tall ? 18 : 8;
  const word = roleWord(view);
  return group(`${view.name}: ${word}, from ${start} to ${end} ms`, [
    `<rect class="${roleClass(view)}" x="${from}" y="${y - height / 2}" width="${round(to - from)}" height="${height}"/>`,
    ...(to - from > 6 * word.length ? [text(from + 3, y + 18, word, 'small')] : []),
  ]);
}

function roleClass({ status, role }: NodeView): string {
  return `role ${status === 'up' ? role : `${role} ${status}`}`;
}

function roleWord({ status, role, term }: NodeView): string {
  if (status === 'down') return 'down';
  return `${status === 'frozen' ? 'frozen ' : ''}${role}${term === undefined ? '' : ` ${term}`}`;
}

/** Circle: accepted; cross: refused; diamond: unknown; a ring around it: acknowledged and not kept. */
function mark(operation: Operation, x: number, y: number): string {
  const { id, request, outcome, fate } = operation;
  const end = fate === undefined ? '' : `; ${describeFate(fate, outcome)}`;
  const broken = outcome === 'accepted' && (fate === 'lost' || fate === 'divergent');
  const classes = `request ${outcome}${broken ? ` ${fate}` : ''}`;
  const shape = {
    accepted: `<circle class="${classes}" cx="${x}" cy="${y}" r="5"/>`,
    refused: `<path class="${classes}" d="M${x - 5} ${y - 5}l10 10m0 -10l-10 10"/>`,
    unknown: `<path class="${classes}" d="M${x} ${y - 6}l6 6l-6 6l-6 -6z"/>`,
  }[outcome];
  return group(`#${id} ${describeRequest(request)} at ${request.at} ms, asked of ${request.node}: ${describeOutcome(operation)}${end}`, [
    shape,
    ...(broken ? [`<circle class="link cut" cx="${x}" cy="${y}" r="9"/>`] : []),
    text(x + 7, y - 7, `#${id}`, 'small'),
  ]);
}

/** The stretches in which some link was cut, and how the network looked then. */
function partitions({
  frames,
  verdicts,
  scenario,
}: Trace): readonly { readonly from: number; readonly to: number; readonly label: string }[] {
  const result: { from: number; to: number; label: string }[] = [];
  for (const [index, frame] of frames.entries()) {
    const to = frames[index + 1]?.at ?? scenario.until;
    if (frame.cut.length === 0 || to === frame.at) continue;
    const sides = verdicts.availability
      .filter((period) => period.from <= frame.at && frame.at < period.to)
      .map(({ side }) => side.join(' '));
    const label =
      sides.length > 1 ? sides.join(' | ') : `cut: ${[...new Set(frame.cut.map((pair) => [...pair].sort().join('–')))].join(', ')}`;
    const last = result.at(-1);
    if (last !== undefined && last.to === frame.at && last.label === label) last.to = to;
    else result.push({ from: frame.at, to, label });
  }
  return result;
}

function axis(until: number, x: (at: number) => number, y: number): readonly string[] {
  const step = [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000].find((candidate) => until / candidate <= 12) ?? until;
  const marks: string[] = [`<line class="axis" x1="${x(0)}" y1="${y}" x2="${x(until)}" y2="${y}"/>`];
  for (let at = 0; at <= until; at += step) {
    marks.push(
      `<line class="axis" x1="${x(at)}" y1="${y}" x2="${x(at)}" y2="${y + 4}"/>`,
      text(x(at), y + 16, `${at} ms`, 'small', 'middle'),
    );
  }
  return marks;
}

function svg(w: number, h: number, id: string, itsTitle: string, description: string, content: readonly string[]): string {
  const label = `aria-labelledby="${escaped(id)}-title ${escaped(id)}-desc"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img" ${label}>`,
    `<title id="${escaped(id)}-title">${escaped(itsTitle)}</title>`,
    `<desc id="${escaped(id)}-desc">${escaped(description)}</desc>`,
    ...content.filter((part) => part !== ''),
    '</svg>\n',
  ].join('\n');
}

function group(itsTitle: string, content: readonly string[]): string {
  return `<g><title>${escaped(itsTitle)}</title>${content.join('')}</g>`;
}

function text(x: number, y: number, content: string, classes: string, anchor = 'start'): string {
  return `<text class="${classes}" x="${x}" y="${y}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A trace as text, for a terminal. */
import { describeFate, describeNode, describeOutcome, describeRequest, describeVerdicts } from './describe';
import { protocols } from './protocols/index';
import type { Frame, Operation, Trace } from './types';

/** The whole trace as plain text that ends with a line feed: events with the nodes' states as they change, requests, verdicts. */
export function renderText(trace: Trace): string {
  const { scenario, frames, operations, verdicts } = trace;
  const lines = [
    scenario.name ?? protocols[scenario.protocol].title,
    ...(scenario.description === undefined ? [] : [scenario.description]),
    headline(trace),
    '',
    ...events(frames),
    '',
    ...(operations.length === 0 ? [] : [...table(['request', 'at ms', 'asked of', 'outcome', 'in the end'], operations.map(row)), '']),
    ...describeVerdicts(verdicts, scenario.protocol),
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function headline({ scenario, messages }: Trace): string {
  const options = Object.entries(scenario.options ?? {}).map(([name, value]) => `${name} ${value}`);
  return [
    protocols[scenario.protocol].title,
    ...options,
    `${scenario.nodes} node${scenario.nodes === 1 ? '' : 's'}`,
    `seed ${scenario.seed}`,
    `${scenario.until} ms`,
    `${messages.delivered} of ${messages.sent} messages delivered`,
  ].join(' · ');
}

function events(frames: readonly Frame[]): readonly string[] {
  const width = String(frames.at(-1)?.at ?? 0).length;
  let before: readonly string[] = [];
  return frames.flatMap((frame) => {
    const states = frame.nodes.map((node) => `${node.name} ${describeNode(node)}`);
    const news = states.filter((state) => !before.includes(state));
    before = states;
    return [
      ...frame.events.map((event, index) => `${(index === 0 ? String(frame.at) : '').padStart(width)}  ${event}`),
      ...news.map((state) => `${' '.repeat(width)}      ${state}`),
    ];
  });
}

function row(operation: Operation): readonly string[] {
  const { id, request, outcome, fate } = operation;
  return [
    `#${id} ${describeRequest(request)}`,
    String(request.at),
    request.node,
    describeOutcome(operation),
    fate === undefined ? '' : describeFate(fate, outcome),
  ];
}

/** Columns as wide as their widest cell, two spaces apart. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((cells) => cells[column]?.length ?? 0)));
  return [head, ...rows].map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
}

/** A review as a Mermaid flowchart: both sides of a partition, and how each part is on either. */
import { hasMajoritySide, type Review, type ReviewedPart } from './review';

/** A drawing that says as much as it can without sentences; the Markdown has those. */
export function reviewMermaid({ project, cluster, parts }: Review): string {
  const { size } = cluster;
  const [larger, smaller] = size?.split ?? [];
  const majority =
    size && larger !== undefined
      ? hasMajoritySide(size)
        ? `majority: ${larger} of ${size.nodes} nodes`
        : `${larger} of ${size.nodes} nodes, no majority`
      : 'majority of the nodes';
  const minority =
    size && smaller !== undefined
      ? `${hasMajoritySide(size) ? 'minority: ' : ''}${smaller} of ${size.nodes} nodes${hasMajoritySide(size) ? '' : ', no majority'}`
      : 'minority of the nodes';
  const halves = size !== undefined && size.nodes > 1 && !hasMajoritySide(size);
  return [
    'flowchart LR',
    `  subgraph majority["${label(`${project.name}, ${majority}`)}"]`,
    ...(parts.length === 0
      ? ['    a0["nothing is spread over the nodes"]']
      : parts.map((part, i) => `    a${i}["${label(part, halves ? 1 : 0)}"]`)),
    '  end',
    `  subgraph minority["${label(`${project.name}, ${minority}`)}"]`,
    ...(parts.length === 0 ? ['    b0["nothing is spread over the nodes"]'] : parts.map((part, i) => `    b${i}["${label(part, 1)}"]`)),
    '  end',
    '  majority x--x|partition| minority',
    '',
  ].join('\n');
}

function label(of: string | ReviewedPart, side?: 0 | 1): string {
  const text = typeof of === 'string' ? of : `${of.heading}: ${of.sides[side ?? 0]}`;
  return text.replaceAll('`', '').replace(/["<>&#;]/g, (unit) => `#${unit.charCodeAt(0)};`);
}

/** `netsplit rules`: what there is. */
import { rules as all } from '../../../core/rules/index';
import { choiceOf, describeFlags, type Flags, helpFlag, parseArguments } from '../arguments';
import { Failure } from '../failure';
import { severityColour } from '../format/severityColour';
import type { ExitStatus, Host } from '../host';
import type { Tool } from '../report';
import { type Colours, coloursFor } from '../terminal';
import { readTool } from '../tool';
import type { Command } from './command';

const flags: Flags = { format: { value: 'FORMAT', help: 'text or json (default: text)' }, ...helpFlag };

const help = `List the rules: id, severity, category, what is fixed, and what is wrong.

Usage: netsplit rules [FLAG…]

Flags:
${describeFlags(flags)}
`;

export const rules: Command = { summary: 'list the rules', help, run };

async function run(args: readonly string[], host: Host): Promise<ExitStatus> {
  const parsed = parseArguments(args, flags);
  if (parsed.has('help')) {
    host.stdout.write(help);
    return 0;
  }
  const [extra] = parsed.positionals;
  if (extra !== undefined)
    throw new Failure(`\`netsplit rules\` takes no argument, got \`${extra}\`. For one rule: \`netsplit explain ${extra}\`.`);
  const format = choiceOf(parsed, 'format', ['text', 'json'], 'text');
  host.stdout.write(format === 'json' ? asJson(readTool(host.bundles)) : asText(coloursFor(host.stdout, host.env)));
  return 0;
}

function asJson(tool: Tool): string {
  const entries = all.map((rule) => ({
    id: rule.id,
    summary: rule.summary,
    category: rule.category,
    severity: rule.severity,
    enabled: rule.optIn !== true,
    ...(rule.onlyInCluster && { onlyInCluster: true }),
    ...(rule.fixable && { fix: rule.fixable }),
    references: rule.references,
    help: tool.pageOf(rule),
  }));
  return `${JSON.stringify({ version: 1, rules: entries }, null, 2)}\n`;
}

function asText(colours: Colours): string {
  const width = Math.max(...all.map((rule) => rule.id.length));
  return all
    .map((rule) => {
      const level = rule.optIn ? colours.dim('off    ') : severityColour(colours, rule.severity)(rule.severity.padEnd('warning'.length));
      const fix = rule.fixable ? colours.dim(` (fix: ${rule.fixable})`) : '';
      return `${colours.bold(rule.id.padEnd(width))}  ${level}  ${rule.category.padEnd('partition-tolerance'.length)}  ${rule.summary}${fix}\n`;
    })
    .join('');
}

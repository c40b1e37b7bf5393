/** `netsplit simulate`: what happens to a cluster whose network splits. */
import { type Preset, presets } from '../../../core/design/simulate/presets';
import { renderText } from '../../../core/design/simulate/render';
import { parseScenario } from '../../../core/design/simulate/scenario';
import { simulate as runScenario } from '../../../core/design/simulate/simulate';
import { stories, tellStory } from '../../../core/design/simulate/stories';
import { standaloneSvg } from '../../../core/design/simulate/svg';
import type { Scenario, Trace } from '../../../core/design/simulate/types';
import { choiceOf, describeFlags, didYouMean, type Flags, helpFlag, type Parsed, parseArguments } from '../arguments';
import { readData } from '../data';
import { createDisk } from '../disk';
import { Failure } from '../failure';
import type { ExitStatus, Host } from '../host';
import { type Colours, coloursFor, printable } from '../terminal';
import type { Command } from './command';

const formatNames = ['text', 'json', 'svg'] as const;

const flags: Flags = {
  scenario: { value: 'FILE', help: 'run the scenario of this .json or .yaml file' },
  preset: { value: 'NAME', help: 'run a scenario that comes with Netsplit' },
  presets: { help: 'list those scenarios' },
  seed: { value: 'N', help: 'draw latencies, time-outs and losses from another number, 0 to 4294967295' },
  format: { value: 'FORMAT', help: `${formatNames.join(', ')} (default: text); --presets: text or json` },
  ...helpFlag,
};

const help = `Simulate a small cluster under faults: who leads, which requests are accepted, and what is lost in the end.

Usage: netsplit simulate --scenario FILE [FLAG…]
       netsplit simulate --preset NAME [FLAG…]
       netsplit simulate --presets

Flags:
${describeFlags(flags)}

The same scenario with the same seed always gives the same output.

Exit status: 0 it ran, whatever came of it; 2 what was asked could not be done.

A scenario, in YAML:
  protocol: raft          # raft, naive-election, quorum-election, crdt-map, counter, lww-register, global-name, horde, mnesia
  nodes: 3                # n1, n2, n3
  steps:                  # cut, split, heal, crash, restart, freeze, thaw, clock, drift; write, add, remove, read
    - { at: 2000, do: split, groups: [[n1], [n2, n3]] }
    - { at: 2100, do: write, node: n1, key: x, value: "1" }
    - { at: 7000, do: heal }
\`--format json\` shows a whole one, under \`scenario\`.
`;

export const simulate: Command = { summary: 'run a partition scenario on a simulated cluster', help, run };

async function run(args: readonly string[], host: Host): Promise<ExitStatus> {
  const parsed = parseArguments(args, flags);
  if (parsed.has('help')) {
    host.stdout.write(help);
    return 0;
  }
  const [extra] = parsed.positionals;
  if (extra !== undefined)
    throw new Failure(
      `\`netsplit simulate\` takes no argument, got \`${extra}\`. A file goes with \`--scenario\`, a name with \`--preset\`.`,
    );
  const ways = ['scenario', 'preset', 'presets'].filter((flag) => parsed.has(flag));
  if (ways.length !== 1)
    throw new Failure('say what to run, in one way: `--scenario FILE` or `--preset NAME`; `netsplit simulate --presets` lists the names.');
  if (parsed.has('presets')) {
    if (parsed.has('seed')) throw new Failure('`--seed` goes with `--scenario` or `--preset`.');
    const format = choiceOf(parsed, 'format', ['text', 'json'], 'text');
    host.stdout.write(
      format === 'json' ? jsonText({ version: 1, presets: presets() }) : listOf(presets(), coloursFor(host.stdout, host.env)),
    );
    return 0;
  }
  const format = choiceOf(parsed, 'format', formatNames, 'text');
  host.stdout.write(rendered(runScenario(scenarioOf(parsed, host)), format));
  return 0;
}

function scenarioOf(parsed: Parsed, host: Host): Scenario {
  const seed = seedOf(parsed);
  const preset = parsed.value('preset');
  if (preset !== undefined) return presetCalled(preset, seed);
  const data = readData(parsed.value('scenario') ?? '', 'a scenario', host.cwd, createDisk());
  const { scenario, errors } = parseScenario(data.value);
  if (scenario === undefined) return data.refuse(errors);
  return seed === undefined ? scenario : { ...scenario, seed };
}

function seedOf(parsed: Parsed): number | undefined {
  const value = parsed.value('seed');
  if (value === undefined) return undefined;
  const seed = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  if (!(seed <= 0xffffffff)) throw new Failure(`\`--seed\` is a whole number from 0 to 4294967295; got \`${value}\`.`);
  return seed;
}

/** With another seed another node may lead, so a story has to be told anew. */
function presetCalled(id: string, seed: number | undefined): Scenario {
  const known = presets();
  const preset = known.find((candidate) => candidate.id === id);
  if (!preset) {
    const ids = known.map((candidate) => candidate.id);
    throw new Failure(`there is no preset \`${id}\`.${didYouMean(id, ids) || ` Expected one of ${ids.join(', ')}.`}`);
  }
  if (seed === undefined) return preset.scenario;
  const story = stories.find((candidate) => candidate.id === id);
  const { protocol, options, nodes } = preset.scenario;
  return story ? tellStory(story, protocol, options, nodes, seed) : { ...preset.scenario, seed };
}

function rendered(trace: Trace, format: (typeof formatNames)[number]): string {
  if (format === 'json') return jsonText({ version: 1, ...trace });
  if (format === 'svg') return `${standaloneSvg(trace).trimEnd()}\n`;
  return renderText(trace).split('\n').map(printable).join('\n');
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function listOf(known: readonly Preset[], colours: Colours): string {
  const width = Math.max(...known.map(({ id }) => id.length));
  return known.map(({ id, title, description }) => `${colours.bold(id.padEnd(width))}  ${title}. ${colours.dim(description)}\n`).join('');
}

/** `netsplit init`: a configuration to start from. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Rule } from '../../../core/rule';
import { rules } from '../../../core/rules/index';
import { describeFlags, helpFlag, parseArguments } from '../arguments';
import { Failure, reasonOf } from '../failure';
import type { ExitStatus, Host } from '../host';
import { configurationName } from '../settings';
import type { Command } from './command';

const help = `Write a commented ${configurationName} into the working directory. An existing one is left as it is.

Usage: netsplit init

Flags:
${describeFlags(helpFlag)}
`;

export const init: Command = { summary: `write a commented ${configurationName}`, help, run };

async function run(args: readonly string[], host: Host): Promise<ExitStatus> {
  const parsed = parseArguments(args, helpFlag);
  if (parsed.has('help')) {
    host.stdout.write(help);
    return 0;
  }
  const [extra] = parsed.positionals;
  if (extra !== undefined)
    throw new Failure(`\`netsplit init\` takes no argument, got \`${extra}\`: it writes into the working directory.`);
  try {
    writeFileSync(path.join(host.cwd, configurationName), initialConfiguration(rules), { flag: 'wx' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw new Failure(`\`${configurationName}\` is there already, and stays as it is.`);
    }
    throw new Failure(`\`${configurationName}\` cannot be written: ${reasonOf(error)}.`);
  }
  host.stdout.write(`Wrote ${configurationName}. It changes nothing yet: every line in it that would is a comment.\n`);
  return 0;
}

/** A configuration that says what can be said, and says nothing. */
function initialConfiguration(known: readonly Rule[]): string {
  const width = Math.max(0, ...known.map((rule) => rule.id.length)) + 2;
  const lines = known.map((rule) => {
    const id = `"${rule.id}":`.padEnd(width + 1);
    return `    // ${id} "${rule.optIn ? 'off' : rule.severity}",${' '.repeat(8 - (rule.optIn ? 'off' : rule.severity).length)} // ${rule.summary}`;
  });
  return `// Netsplit's configuration. It holds for the files of this directory and below; all globs are relative to it.
{
  // Severity of a rule: "error", "warning", "info", "hint" or "off". Below is what holds unless you say otherwise.
  // \`netsplit explain RULE\` tells more about each.
  "rules": {
${lines.join('\n')}
  },

  // Other severities for some files; of two entries that name a rule for a file the later one holds.
  "overrides": [
    // { "files": ["lib/my_app/legacy/**"], "rules": { "${known[0]?.id ?? 'some-rule'}": "off" } }
  ],

  // Your own functions for remote calls that handle failure and time, without the arity: "MyApp.Remote.call".
  "rpcWrappers": [],

  // Files that are not linted.
  "exclude": [
    // "lib/my_app/generated/**"
  ]
}
`;
}

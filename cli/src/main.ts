/** The command line: which command runs, and what it leaves as exit status. */
import { setFlagsFromString } from 'node:v8';
import { workerData } from 'node:worker_threads';
import { describeRows, didYouMean } from './arguments';
import { check } from './commands/check';
import type { Command } from './commands/command';
import { decide } from './commands/decide';
import { explain } from './commands/explain';
import { init } from './commands/init';
import { learn } from './commands/learn';
import { lsp } from './commands/lsp';
import { review } from './commands/review';
import { rules } from './commands/rules';
import { simulate } from './commands/simulate';
import { Failure } from './failure';
import type { ExitStatus, Host } from './host';
import { isShareWork, lintShare } from './jobs';
import { printable } from './terminal';
import { readTool } from './tool';

const commands: Readonly<Record<string, Command>> = { check, rules, explain, review, decide, simulate, learn, init, lsp };

const help = `Netsplit finds the bugs of distributed Elixir that only show when the network splits, a clock jumps or two nodes act at once.

Usage: netsplit COMMAND [FLAG…]

Commands:
${describeRows(Object.entries(commands).map(([name, command]): readonly [string, string] => [name, command.summary]))}

Flags:
${describeRows([
  ['-h, --help', 'show this help; after a command, that of the command'],
  ['--version', 'show the version'],
])}

Begin with \`netsplit check\`.
`;

async function run(args: readonly string[], host: Host): Promise<ExitStatus> {
  const [name, ...rest] = args;
  if (name === undefined) throw new Failure(`a command is missing.\n\n${help.trimEnd()}`);
  if (name === '--help' || name === '-h' || name === 'help') {
    host.stdout.write(rest[0] !== undefined && name === 'help' ? commandCalled(rest[0]).help : help);
    return 0;
  }
  if (name === '--version') {
    host.stdout.write(`${readTool(host.bundles).version}\n`);
    return 0;
  }
  if (name.startsWith('-')) throw new Failure(`unknown flag \`${name}\` before a command.${didYouMean(name, ['--help', '--version'])}`);
  return commandCalled(name).run(rest, host);
}

function commandCalled(name: string): Command {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command) return command;
  const meant = didYouMean(name, Object.keys(commands));
  throw new Failure(`there is no command \`${name}\`.${meant || ' `netsplit --help` lists them; to lint files: `netsplit check PATH`.'}`);
}

async function readInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const host: Host = {
  cwd: process.cwd(),
  env: process.env,
  bundles: __dirname,
  program: __filename,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  readInput,
  note: (message) => void process.stderr.write(`netsplit: ${message.split('\n').map(printable).join('\n')}\n`),
};

// The grammar's largest functions take V8 longer to optimise than a small run takes as a whole, and the process would wait for it at its end:
// only what runs for long is worth it. The flag is one of V8's, known to be there up to Node 24.
if (Number.parseInt(process.versions.node, 10) <= 24) setFlagsFromString('--wasm-tiering-budget=100000000');

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

// Linting in several threads runs this program once in each.
if (isShareWork(workerData)) void lintShare(workerData);
else
  run(process.argv.slice(2), host).then(
    (status) => {
      process.exitCode = status;
    },
    (error: unknown) => {
      host.note(
        error instanceof Failure ? error.message : `internal error: ${error instanceof Error ? (error.stack ?? error.message) : error}`,
      );
      process.exitCode = 2;
    },
  );

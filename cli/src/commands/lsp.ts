/** `netsplit lsp`: the language server, which is a bundle of its own beside this one. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describeFlags, type Flags, helpFlag, parseArguments } from '../arguments';
import { Failure } from '../failure';
import type { ExitStatus, Host } from '../host';
import type { Command } from './command';

const flags: Flags = {
  stdio: { help: 'talk over standard input and output' },
  'node-ipc': { help: 'talk over the channel of a Node parent process' },
  socket: { value: 'PORT', help: 'talk over a socket on this port' },
  clientProcessId: { value: 'ID', help: 'end when this process ends' },
  ...helpFlag,
};

const help = `Run the language server, for editors.

Usage: netsplit lsp --stdio

Flags:
${describeFlags(flags)}
`;

export const lsp: Command = { summary: 'run the language server (--stdio)', help, run };

async function run(args: readonly string[], host: Host): Promise<ExitStatus> {
  const parsed = parseArguments(args, flags);
  if (parsed.has('help')) {
    host.stdout.write(help);
    return 0;
  }
  const [extra] = parsed.positionals;
  if (extra !== undefined) throw new Failure(`\`netsplit lsp\` takes no argument, got \`${extra}\`.`);
  const ways = ['stdio', 'node-ipc', 'socket'].filter((flag) => parsed.has(flag));
  if (ways.length !== 1) throw new Failure('say how the editor talks to the server, in one way: `netsplit lsp --stdio`.');
  const server = path.join(host.bundles, 'server.js');
  if (!existsSync(server)) throw new Failure(`the language server is missing: there is no \`${server}\`.`);
  // The server reads the same flags from the command line, and lives as long as its connection.
  createRequire(server)(server);
  return 0;
}

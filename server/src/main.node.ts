/** The server as a process: `--stdio` for any editor (also without an argument), `--node-ipc` from VS Code, `--socket=N`, `--pipe=NAME`. */
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { URI, Utils } from 'vscode-uri';
import { disk } from './disk.node';
import { startServer } from './server';

if (!process.argv.some((argument) => /^--(stdio|node-ipc|socket|pipe)(=|$)/.test(argument))) process.argv.push('--stdio');

startServer(createConnection(ProposedFeatures.all), { disk, pages: Utils.joinPath(URI.file(__dirname), '../docs/rules').toString() });

/** VS Code for browsers alone, as vscode.dev is: a static page whose extensions run in a worker, on files that are in memory. */
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { findInstallation } from './install';
import { quiet } from './profile';

export interface WebOptions {
  /** Folder of the extension. */
  readonly extension: string;
  /** The script that exports `run`. */
  readonly tests: string;
  /** Called with what the tests post to `/results`. */
  onResults(body: string): void;
}

export interface WebServer {
  /** `http://127.0.0.1:PORT`, where the page is. */
  readonly origin: string;
  stop(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
};

const workbenchScript = 'out/vs/code/browser/workbench/workbench.js';

/** By these code-server ties the page to its server; without them it is VS Code's own page again. */
const ties = [
  ['{...JSON.parse(o),remoteAuthority:location.host}', '{...JSON.parse(o)}'],
  [
    'get userRoamingDataHome(){return ze(P.file(this.userDataPath).with({scheme:J.vscodeRemote}),"User")}',
    'get userRoamingDataHome(){return P.file("/User").with({scheme:J.vscodeUserData})}',
  ],
] as const;

/** Only tests below the extension are run. */
const testsPath = '/extension/tests.js';

/** Serves the page, VS Code, the extension and its tests on this machine. */
export async function startWebServer({ extension, tests, onResults }: WebOptions): Promise<WebServer> {
  const installation = findInstallation();
  if (!installation) throw new Error('There is no VS Code server: run npm test, which installs it first.');
  const vscode = path.resolve(path.dirname(installation.server), '..');
  const workbench = untied(readFileSync(path.join(vscode, workbenchScript), 'utf8'));

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const origin = `http://${request.headers.host}`;
    if (pathname === '/') return send(response, 'text/html', page(origin));
    if (pathname === '/results') return void read(request).then((body) => send(response, 'text/plain', '', () => onResults(body)));
    if (pathname === testsPath) return sendFile(response, tests);
    if (pathname === `/vscode/${workbenchScript}`) return send(response, 'text/javascript', workbench);
    // The extensions that come with code-server have no code for browsers; they start as empty ones.
    if (/^\/vscode\/extensions\/.*\.js$/.test(pathname)) return send(response, 'text/javascript', 'exports.activate = () => {};');
    const file = fileBelow(vscode, '/vscode/', pathname) ?? fileBelow(extension, '/extension/', pathname);
    if (file) return sendFile(response, file);
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

function untied(script: string): string {
  return ties.reduce((text, [theirs, own]) => {
    if (text.split(theirs).length !== 2) throw new Error(`This version of code-server has another workbench: ${theirs} is not there once.`);
    return text.replace(theirs, () => own);
  }, script);
}

function page(origin: string): string {
  const { host } = new URL(origin);
  const at = (pathname: string) => ({ scheme: 'http', authority: host, path: pathname });
  const configuration = {
    productConfiguration: { nameShort: 'Code', nameLong: 'Code', enableTelemetry: false, extensionsGallery: {} },
    configurationDefaults: quiet,
    webviewEndpoint: `${origin}/vscode/out/vs/workbench/contrib/webview/browser/pre`,
    folderUri: { scheme: 'tmp', path: '/shop' },
    userDataPath: '/user-data',
    serverBasePath: '/',
    enableWorkspaceTrust: false,
    isEnabledFileDownloads: false,
    isEnabledFileUploads: false,
    isEnabledCoderGettingStarted: false,
    developmentOptions: { logLevel: 3, extensions: [at('/extension')], extensionTestsPath: at(testsPath) },
  };
  const data = JSON.stringify(configuration).replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  return `<!doctype html>
<meta charset="utf-8">
<meta id="vscode-workbench-web-configuration" data-settings="${data}">
<meta id="vscode-workbench-web-base-url" data-settings="/vscode">
<link rel="stylesheet" href="/vscode/out/vs/code/browser/workbench/workbench.css">
<body aria-label=""></body>
<script>globalThis._VSCODE_FILE_ROOT = '${origin}/vscode/out/';</script>
<script type="module" src="/vscode/out/nls.messages.js"></script>
<script type="module" src="/vscode/${workbenchScript}"></script>`;
}

function fileBelow(folder: string, prefix: string, pathname: string): string | undefined {
  if (!pathname.startsWith(prefix)) return undefined;
  const file = path.resolve(folder, decodeURIComponent(pathname.slice(prefix.length)));
  const isBelow = file.startsWith(folder + path.sep);
  return isBelow && statSync(file, { throwIfNoEntry: false })?.isFile() ? file : undefined;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Extensions are read by a worker of another origin. */
const headers = { 'access-control-allow-origin': '*', 'cache-control': 'no-store' };

function send(response: ServerResponse, type: string, body: string, sent: () => void = () => {}): void {
  response.writeHead(200, { ...headers, 'content-type': type }).end(body, sent);
}

function sendFile(response: ServerResponse, file: string): void {
  response.writeHead(200, { ...headers, 'content-type': types[path.extname(file)] ?? 'application/octet-stream' });
  createReadStream(file).pipe(response);
}

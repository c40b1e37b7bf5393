/** Ways to start the built server and to talk to it: a process over stdio, IPC or a socket, and a worker that has nothing but a browser's. */
import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  Emitter,
  IPCMessageReader,
  IPCMessageWriter,
  type Message,
  type MessageReader,
  type MessageWriter,
  SocketMessageReader,
  SocketMessageWriter,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';

/** A started server. */
export interface Server {
  readonly reader: MessageReader;
  readonly writer: MessageWriter;
  /** Its exit code, once it has ended; of a worker there is none. */
  readonly ended: Promise<number | null>;
  /** Ends it whatever it is doing. */
  kill(): Promise<unknown>;
  /** What it wrote to standard error. */
  errors(): string;
}

export interface Transport {
  readonly name: string;
  /** It reads the disk by itself; else it asks the client for files. */
  readonly hasDisk: boolean;
  start(): Promise<Server>;
}

const bundle = path.resolve('dist/server.js');

function processServer(child: ChildProcess, reader: MessageReader, writer: MessageWriter): Server {
  let stderr = '';
  child.stderr?.on('data', (chunk) => (stderr += chunk));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const kill = () => {
    child.kill('SIGKILL');
    return ended;
  };
  return { reader, writer, ended, kill, errors: () => stderr };
}

export const stdio: Transport = {
  name: 'stdio',
  hasDisk: true,
  async start() {
    const child = spawn(process.execPath, [bundle, '--stdio'], { stdio: 'pipe' });
    return processServer(child, new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  },
};

export const nodeIpc: Transport = {
  name: 'node-ipc',
  hasDisk: true,
  async start() {
    const child = fork(bundle, ['--node-ipc'], { silent: true });
    return processServer(child, new IPCMessageReader(child), new IPCMessageWriter(child));
  },
};

export const socket: Transport = {
  name: 'socket',
  hasDisk: true,
  async start() {
    const listener = createServer();
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const child = spawn(process.execPath, [bundle, `--socket=${(listener.address() as AddressInfo).port}`], { stdio: 'pipe' });
    const [connection] = (await once(listener, 'connection')) as [Socket];
    listener.close();
    connection.setNoDelay(true);
    return processServer(child, new SocketMessageReader(connection), new SocketMessageWriter(connection));
  },
};

/** What a Web Worker has of what the bundle could ask for, by name; everything else, `process` and `require` too, is not there. */
const browserGlobals = [
  'TextDecoder',
  'TextEncoder',
  'URL',
  'WebAssembly',
  'atob',
  'btoa',
  'clearInterval',
  'clearTimeout',
  'console',
  'crypto',
  'performance',
  'queueMicrotask',
  'setInterval',
  'setTimeout',
];

const bootstrap = `
  const { parentPort, workerData } = require('node:worker_threads');
  const vm = require('node:vm');
  const self = {
    onmessage: undefined,
    addEventListener() {},
    postMessage: (message) => parentPort.postMessage(message),
  };
  for (const name of workerData.globals) self[name] = globalThis[name];
  self.self = self;
  parentPort.on('message', (data) => self.onmessage?.({ data }));
  vm.runInNewContext(workerData.code, self, { filename: 'server.js' });
`;

class WorkerReader extends AbstractMessageReader {
  readonly #messages = new Emitter<Message>();

  constructor(worker: Worker) {
    super();
    worker.on('message', (message: Message) => this.#messages.fire(message));
    worker.on('error', (error) => this.fireError(error));
  }

  listen(callback: DataCallback): Disposable {
    return this.#messages.event(callback);
  }
}

class WorkerWriter extends AbstractMessageWriter {
  readonly #worker: Worker;

  constructor(worker: Worker) {
    super();
    this.#worker = worker;
  }

  async write(message: Message): Promise<void> {
    this.#worker.postMessage(message);
  }

  end(): void {}
}

export const worker: Transport = {
  name: 'worker',
  hasDisk: false,
  async start() {
    const code = readFileSync(path.resolve('dist/server.js'), 'utf8');
    const thread = new Worker(bootstrap, { eval: true, workerData: { code, globals: browserGlobals } });
    thread.on('error', (error) => assert.fail(error));
    const ended = once(thread, 'exit').then(() => null);
    return { reader: new WorkerReader(thread), writer: new WorkerWriter(thread), ended, kill: () => thread.terminate(), errors: () => '' };
  },
};

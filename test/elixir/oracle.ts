/** A running Elixir that answers questions about source: `oracle.exs`, started once for a test file. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** Where Elixir stopped understanding; line and column count from 1. */
export interface SyntaxFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A module, or a function of one; `minArity` is the arity without the arguments that have defaults. */
export interface Definition {
  readonly module: string;
  readonly function?: { readonly kind: string; readonly name: string; readonly arity: number; readonly minArity: number };
}

export interface Oracle {
  /** Elixir's version, and the major version of Erlang/OTP. */
  readonly version: string;
  readonly otp: string;
  /** `undefined` when Elixir's parser takes the source. */
  parse(source: string): Promise<SyntaxFault | undefined>;
  /** The source as `mix format` writes it, with a final line end. Rejects for source that does not parse. */
  format(source: string): Promise<string>;
  /** What the source defines, each once, in the order of the text. Rejects for source that does not parse. */
  quotedModules(source: string): Promise<readonly Definition[]>;
  /** Compiles the files together, in memory. */
  compile(files: readonly string[]): Promise<{ readonly ok: boolean; readonly messages: readonly string[] }>;
  stop(): void;
}

/** Starts Elixir and waits until it answers; rejects when it cannot be started. The working directory is the repository. */
export async function startOracle(): Promise<Oracle> {
  const child = spawn('elixir', [path.resolve('test/elixir/oracle.exs')], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-4000);
  });
  const waiting = new Map<string, { resolve(fields: string[]): void; reject(error: Error): void }>();
  let asked = 0;
  let failure: Error | undefined;
  const answerTo = (id: string): Promise<string[]> =>
    new Promise((resolve, reject) => (failure ? reject(failure) : waiting.set(id, { resolve, reject })));
  const fail = (error: Error): void => {
    failure = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  child.on('error', fail);
  child.stdin.on('error', fail);
  child.on('exit', (code) => fail(new Error(`Elixir ended with status ${code}.\n${complaints}`)));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [id, ...fields] = line.split(' ');
    waiting.get(id ?? '')?.resolve(fields);
    waiting.delete(id ?? '');
  });

  const ask = async (command: string, args: readonly string[]): Promise<string[]> => {
    asked += 1;
    const id = String(asked);
    const answer = answerTo(id);
    child.stdin.write(`${[id, command, ...args.map((text) => Buffer.from(text).toString('base64'))].join(' ')}\n`);
    return (await answer).map((field) => Buffer.from(field, 'base64').toString());
  };

  const [version = '', otp = ''] = await answerTo('ready');
  return {
    version,
    otp,
    async parse(source) {
      const [status, ...fault] = await ask('parse', [source]);
      return status === 'ok' ? undefined : faultOf(fault);
    },
    async format(source) {
      const [status, ...rest] = await ask('format', [source]);
      if (status !== 'ok') throw notParsed(faultOf(rest), source);
      return rest[0] ?? '';
    },
    async quotedModules(source) {
      const [status, ...rest] = await ask('modules', [source]);
      if (status !== 'ok') throw notParsed(faultOf(rest), source);
      return rest.map(definitionOf);
    },
    async compile(files) {
      const [status, ...messages] = await ask('compile', files);
      return { ok: status === 'ok', messages };
    },
    stop() {
      child.removeAllListeners('exit');
      child.stdin.end();
    },
  };
}

function faultOf([line, column, message]: readonly string[]): SyntaxFault {
  return { line: Number(line), column: Number(column), message: message ?? '' };
}

function notParsed({ line, column, message }: SyntaxFault, source: string): Error {
  return new Error(`Elixir cannot parse line ${line}, column ${column}: ${message}\n${source}`);
}

function definitionOf(field: string): Definition {
  const [module = '', kind, name, arity, minArity] = field.split(' ');
  if (kind === undefined || name === undefined) return { module };
  return { module, function: { kind, name, arity: Number(arity), minArity: Number(minArity) } };
}

/** The built command line as a user has it: a process, files, and what it writes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

export const bundle = path.resolve('dist/cli.js');
export const fixtures = path.resolve('test/fixtures/cli');

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Run {
  readonly cwd: string;
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  /** User and group to run as. */
  readonly uid?: number;
  /** Another one than that of this repository. */
  readonly bundle?: string;
}

/** Starts `netsplit ARGS` without the colours that the environment of the tests may ask for. */
export function start(args: readonly string[], { cwd, env = {}, uid, bundle: program = bundle }: Run): ChildProcess {
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env;
  return spawn(process.execPath, [program, ...args], { cwd, env: { ...inherited, ...env }, ...(uid !== undefined && { uid, gid: uid }) });
}

/** Runs `netsplit ARGS` to its end. */
export async function netsplit(args: readonly string[], run: Run): Promise<Outcome> {
  const child = start(args, run);
  child.stdin?.end(run.input ?? '');
  return outcomeOf(child);
}

/** What a started process leaves. */
export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

/** A new directory with these files, gone after the test. It is a repository of its own, so that nothing above it counts. */
export function directory(t: TestContext, files: Readonly<Record<string, string | Buffer>>): string {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'netsplit-')));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(path.join(root, '.git'));
  write(root, files);
  return root;
}

/** A copy of a fixture project, gone after the test. */
export function fixture(t: TestContext, name: string): string {
  const root = directory(t, {});
  cpSync(path.join(fixtures, name), root, { recursive: true });
  return root;
}

export function write(root: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), content);
  }
}

export function read(root: string, file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

/** One finding of `clock-wall-elapsed`, at line 5, column 5, with a safe fix. */
export const elapsed = `defmodule Elapsed do
  def took(work) do
    start = System.os_time()
    work.()
    System.os_time() - start
  end
end
`;

/** The same, where something depends on the time: an error from Erlang/OTP 26 on, of which only the project tells. */
export const late = elapsed.replace('os_time() - start', 'os_time() - start > 5_000');

export const elapsedFixed = elapsed.replaceAll('os_time', 'monotonic_time');

/** Nothing to say about it. */
export const clean = `defmodule Clean do
  def one, do: 1
end
`;

/** An Elixir file that begins a project: the nearest one upwards. */
export const mix = `defmodule App.MixProject do
  use Mix.Project

  def project, do: [app: :app, version: "0.1.0", elixir: "~> 1.14", deps: []]
end
`;

/** What a command needs of the process that runs it. */
export interface Host {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Directory of the running bundle. */
  readonly bundles: string;
  /** File of the running bundle: a thread of its own runs it again. */
  readonly program: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Where questions are asked: standard output is the report only. */
  readonly stderr: NodeJS.WriteStream;
  /** Everything that has come in on standard input, once it has ended. */
  readInput(): Promise<Buffer>;
  /** A line on stderr: notes and errors. */
  note(message: string): void;
}

/** 0: nothing at or above `--fail-on`; 1: findings; 2: what was asked could not be done. */
export type ExitStatus = 0 | 1 | 2;

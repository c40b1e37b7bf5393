import type { ExitStatus, Host } from '../host';

export interface Command {
  readonly summary: string;
  /** What `--help` shows. */
  readonly help: string;
  /** Runs with the arguments that follow the command's name. A Failure ends it with status 2. */
  run(args: readonly string[], host: Host): Promise<ExitStatus>;
}

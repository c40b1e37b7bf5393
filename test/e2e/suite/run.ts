/** What VS Code calls in its extension host. */
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** How one test went; `error` is absent when it passed. */
export interface Result {
  readonly title: string;
  /** How long it took, in milliseconds. */
  readonly took: number;
  readonly error?: string;
}

/** What the tests have written when they were ended, or had ended. */
export interface Results {
  /** The test that was running. */
  readonly running?: string;
  readonly results: readonly Result[];
}

/** Runs all tests and writes how they went to the file that NETSPLIT_RESULTS names, test by test; rejects when one failed. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'tdd', timeout: 60_000, reporter: Mocha.reporters.Base });
  // `suite` and `test` exist from here on.
  mocha.suite.emit(Mocha.Suite.constants.EVENT_FILE_PRE_REQUIRE, globalThis, '', mocha);
  await import('./findings');
  await import('./fixes');
  await import('./configuration');
  await import('./documents');
  await import('./design');
  await import('./review');
  await import('./server');
  await import('./crashes');
  await import('./tasks');
  await import('./workspace');

  const { NETSPLIT_RESULTS: file } = process.env;
  if (file === undefined) throw new Error('NETSPLIT_RESULTS names no file.');
  const results: Result[] = [];
  const keep = (running?: string) => writeFileSync(file, JSON.stringify({ ...(running && { running }), results } satisfies Results));
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    runner.on('test', (test) => keep(titleOf(test)));
    runner.on('pass', (test) => results.push({ title: titleOf(test), took: test.duration ?? 0 }));
    runner.on('fail', (test, error: Error) =>
      results.push({ title: titleOf(test), took: test.duration ?? 0, error: error.stack ?? String(error) }),
    );
  });
  keep();
  const failed = results.filter(({ error }) => error !== undefined).length;
  if (failed > 0) throw new Error(`${failed} of ${results.length} tests failed.`);
}

function titleOf(test: Mocha.Runnable): string {
  return test.titlePath().join(': ');
}

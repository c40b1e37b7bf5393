/** What editors read out of the lines that the command line prints. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { netsplit } from './netsplit';

interface Manifest {
  readonly contributes: {
    readonly problemMatchers: readonly {
      readonly name: string;
      readonly pattern: Readonly<Record<string, number>> & { readonly regexp: string };
    }[];
  };
}

interface Finding {
  readonly path: string;
  readonly rule: string;
  readonly severity: string;
  readonly message: string;
  readonly range: { readonly start: { readonly line: number; readonly column: number } };
}

test('the problem matcher of the extension understands every line of --format concise', async () => {
  const { contributes }: Manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  const [matcher, ...others] = contributes.problemMatchers;
  assert.ok(matcher && others.length === 0);
  assert.equal(matcher.name, 'netsplit');
  const { regexp, file = 0, line = 0, column = 0, severity = 0, code = 0, message = 0 } = matcher.pattern;

  const cwd = path.resolve('examples/inventory');
  const check = async (format: string) =>
    (await netsplit(['check', '--format', format, '--rule', 'quorum-over-strict=hint'], { cwd })).stdout;
  const { findings } = JSON.parse(await check('json')) as { readonly findings: readonly Finding[] };
  const lines = (await check('concise')).trimEnd().split('\n');
  const understood = lines.map((text) => {
    const match = new RegExp(regexp).exec(text) ?? assert.fail(`Not understood: ${text}`);
    return [match[file], Number(match[line]), Number(match[column]), match[severity], match[code], match[message]];
  });
  assert.ok(findings.some((finding) => finding.severity === 'hint'));
  assert.deepEqual(
    understood,
    findings.map(({ path, range: { start }, severity, rule, message }) => [path, start.line, start.column, severity, rule, message]),
  );
});

/** Findings in files of a project that are not Elixir. */
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { clean, directory, mix, netsplit, read, write } from './netsplit';

const vmArgs = `## Name and secret of the cluster
-name shop@shop.internal
-setcookie pYSQXPnK7mk
+K true
`;

const stateful = `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: app
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: app
          image: registry.example.com/app:1.0.0
          env:
            - name: RELEASE_COOKIE
              value: "größer😀-geheim" # kept here
`;

const written = stateful.replace('größer😀-geheim', 'pYSQXPnK7mk');

const image = `FROM elixir:1.17-slim
# How nodes talk
ENV ERL_AFLAGS="-kernel prevent_overlapping_partitions false" \\
    RELEASE_COOKIE=pYSQXPnK7mk
`;

const files = { 'mix.exs': mix, 'lib/a.ex': clean };

async function check(cwd: string, ...args: readonly string[]): Promise<readonly string[]> {
  const { stdout, stderr } = await netsplit(['check', '--format', 'concise', ...args], { cwd });
  assert.doesNotMatch(stderr, /internal error|failed/);
  return stdout.split('\n').flatMap((line) => /^(.+?:\d+:\d+: \w+\[[\w-]+\])/.exec(line)?.[1] ?? []);
}

test('where the mistake stands, to the column, among the findings in Elixir', async (t) => {
  const cwd = directory(t, {
    ...files,
    'rel/vm.args.eex': vmArgs,
    'deploy/app.yaml': written,
    Dockerfile: image,
    'rel/env.sh.eex': 'export RELEASE_DISTRIBUTION=name\nexport RELEASE_COOKIE="pYSQXPnK7mk"\n',
    'fly.toml': 'app = "app"\n\n[env]\n  RELEASE_COOKIE = "pYSQXPnK7mk"\n',
    'docker-compose.yml': 'services:\n  app:\n    build: .\n    environment:\n      - RELEASE_COOKIE=pYSQXPnK7mk\n',
    'lib/b.ex': 'defmodule B do\n  def join, do: Node.set_cookie(:pYSQXPnK7mk)\nend\n',
  });
  const found = [
    'Dockerfile:3:17: info[overlapping-partitions-disabled]',
    'Dockerfile:4:20: warning[cluster-secrets]',
    'deploy/app.yaml:14:23: warning[cluster-secrets]',
    'docker-compose.yml:5:24: info[cluster-secrets]',
    'fly.toml:4:21: warning[cluster-secrets]',
    'lib/b.ex:2:33: warning[cluster-secrets]',
    'rel/env.sh.eex:2:24: warning[cluster-secrets]',
    'rel/vm.args.eex:3:12: warning[cluster-secrets]',
  ];
  assert.deepEqual(await check(cwd), found);
  write(cwd, { 'deploy/app.yaml': written.replaceAll('\n', '\r\n'), 'rel/vm.args.eex': vmArgs.replaceAll('\n', '\r\n') });
  assert.deepEqual(await check(cwd), found, 'with CRLF');
  assert.deepEqual(await check(cwd, 'deploy'), found.slice(2, 3));
  assert.deepEqual(await check(cwd, 'rel/vm.args.eex'), found.slice(-1));
  assert.deepEqual(await check(cwd, 'lib'), found.slice(5, 6));
  assert.deepEqual(await check(path.join(cwd, 'rel'), '.'), [
    'env.sh.eex:2:24: warning[cluster-secrets]',
    'vm.args.eex:3:12: warning[cluster-secrets]',
  ]);
});

test('nothing in files that are no project’s, or say nothing', async (t) => {
  const cwd = directory(t, {
    'shop/mix.exs': mix,
    'shop/lib/a.ex': clean,
    'shop/deploy/app.yaml': stateful.replace(
      'value: "größer😀-geheim" # kept here',
      'valueFrom: { secretKeyRef: { name: app, key: cookie } }',
    ),
    'shop/test/fixtures/app.yaml': written,
    'shop/priv/list.yml': '- netsplit\n- RELEASE_COOKIE\n',
    'deploy/app.yaml': written,
    'broken/mix.exs': mix,
    'broken/app.yaml': '}{ RELEASE_COOKIE: [\n  replicas: 3\n',
    'broken/values.yaml': `{{- if .Values.cookie }}\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - env:\n            - { name: RELEASE_COOKIE, value: "{{ .Values.cookie }}" }\n{{- end }}\n`,
  });
  assert.deepEqual(await check(cwd), []);
  const { status, stderr } = await netsplit(['check', 'deploy'], { cwd });
  assert.equal(status, 2);
  assert.match(stderr, /no Elixir file \(\.ex, \.exs\) in `deploy`/);
});

test('levels, overrides, exclusions and `--rule` hold for them', async (t) => {
  const cwd = directory(t, { ...files, 'rel/vm.args.eex': vmArgs, 'deploy/app.yaml': written });
  const configure = (configuration: unknown): void => write(cwd, { '.netsplit.json': JSON.stringify(configuration) });
  const [yaml, args] = ['deploy/app.yaml:14:23', 'rel/vm.args.eex:3:12'];
  const secrets = (level: string, ...places: readonly (string | undefined)[]) =>
    places.map((place) => `${place}: ${level}[cluster-secrets]`);

  configure({ rules: { 'cluster-secrets': 'error' } });
  assert.deepEqual(await check(cwd), secrets('error', yaml, args));
  configure({ overrides: [{ files: ['deploy/**'], rules: { 'cluster-secrets': 'off' } }] });
  assert.deepEqual(await check(cwd), secrets('warning', args));
  assert.deepEqual(await check(cwd, '--rule', 'cluster-secrets=hint'), secrets('hint', yaml, args));
  configure({ exclude: ['rel'] });
  assert.deepEqual(await check(cwd), secrets('warning', yaml));
  assert.deepEqual(await check(cwd, 'rel/vm.args.eex'), secrets('warning', args), 'a file that is named');
  configure({ rules: { 'cluster-secrets': 'off' } });
  assert.deepEqual(await check(cwd), []);
});

test('comments turn findings off, each in the way of its file', async (t) => {
  const disable = (instruction: string, reason = ' -- known') => `netsplit:${instruction} cluster-secrets${reason}`;
  const cwd = directory(t, {
    ...files,
    '.netsplit.json': JSON.stringify({ rules: { 'suppression-without-reason': 'info', 'overlapping-partitions-disabled': 'off' } }),
    'rel/vm.args.eex': vmArgs.replace('-setcookie', `%% ${disable('disable-for-next-line')}\n-setcookie`),
    'deploy/app.yaml': written.replace('# kept here', `# ${disable('disable-for-this-line', '')}`),
    'deploy/other.yaml': `# ${disable('disable-for-this-file')}\n${written}`,
    'deploy/quoted.yaml': written.replace('# kept here', '').replace('name: app\n', `name: "# ${disable('disable-for-this-file')}"\n`),
    // To Docker this is a part of the value.
    Dockerfile: `FROM elixir:1.17\nENV RELEASE_COOKIE=abc # ${disable('disable-for-this-line')}\n`,
    'prod.Dockerfile': image.replace('    RELEASE', `    # ${disable('disable-for-next-line')}\n    RELEASE`),
    'rel/env.sh.eex': `export RELEASE_COOKIE=abc # ${disable('disable-for-this-line')}\necho "${disable('disable-for-next-line')}"\n`,
    'fly.toml': `[env]\n# ${disable('disable-for-lines:1')}\nRELEASE_COOKIE = "abc"\n# ${disable('disable-for-next-line')}\nRELEASE_NODE = "a"\n`,
  });
  assert.deepEqual(await check(cwd), [
    'Dockerfile:2:20: warning[cluster-secrets]',
    'deploy/app.yaml:14:36: info[suppression-without-reason]',
    'deploy/quoted.yaml:14:23: warning[cluster-secrets]',
    'fly.toml:4:34: warning[unused-suppression]',
  ]);
  const { stderr } = await netsplit(['check', '--format', 'concise'], { cwd });
  assert.match(stderr, /6 suppressed/);
  await netsplit(['check', '--fix'], { cwd });
  assert.equal(read(cwd, 'fly.toml'), `[env]\n# ${disable('disable-for-lines:1')}\nRELEASE_COOKIE = "abc"\nRELEASE_NODE = "a"\n`);
});

test('standard input in the place of one', async (t) => {
  const cwd = directory(t, { ...files, 'rel/vm.args.eex': '+K true\n' });
  for (const name of ['rel/vm.args.eex', 'config/vm.args']) {
    const { stdout } = await netsplit(['check', '--format', 'concise', '--stdin-filename', name, '-'], { cwd, input: vmArgs });
    assert.match(stdout, new RegExp(`^${name}:3:12: warning\\[cluster-secrets\\]`));
  }
});

test('the formats know their texts and places', async (t) => {
  const cwd = directory(t, {
    ...files,
    'deploy/app.yaml': stateful.replace('größer😀-geheim', 'x😀').replace('value:', 'value: # 😀\n               '),
  });
  assert.deepEqual(await check(cwd), [], 'a cookie is ASCII');
  write(cwd, {
    'deploy/app.yaml': written
      .replace('- name: RELEASE_COOKIE\n              value:', '- { name: RELEASE_COOKIE, "😀": 1, value:')
      .replace(' # kept here', ' }'),
  });
  const { stdout } = await netsplit(['check', '--format', 'json'], { cwd });
  const { findings } = JSON.parse(stdout);
  assert.deepEqual([findings.length, findings[0].path, findings[0].range.start], [1, 'deploy/app.yaml', { line: 13, column: 56 }]);
  const pretty = await netsplit(['check', '--format', 'pretty'], { cwd });
  assert.match(pretty.stdout, /RELEASE_COOKIE, "😀": 1, value: "pYSQXPnK7mk" \}/);
  const sarif = JSON.parse((await netsplit(['check', '--format', 'sarif'], { cwd })).stdout);
  assert.equal(sarif.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri, 'deploy/app.yaml');
});

test('what is learned from one is written in its language', async (t) => {
  const cwd = directory(t, { ...files, 'deploy/app.yaml': written });
  const { stdout } = await netsplit(['learn', '.', '--gotcha', 'cluster-secrets'], { cwd });
  assert.match(stdout, /```yaml\n[^`]*value: "pYSQXPnK7mk"/);
  assert.match(stdout, /```yaml\n[^`]*secretKeyRef/);
});

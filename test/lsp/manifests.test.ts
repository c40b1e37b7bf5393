/** Findings in documents that are not Elixir: manifests of a project, as they are in the editor. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import type { MarkupContent, WorkspaceDiagnosticReport } from 'vscode-languageserver/node';
import { lintedDocuments } from '../../core/protocol';
import { type Editor, isPublishedTo, rangeOf, startEditor, temporaryFolder, textAt, uriOf } from './editor';
import { stdio, worker } from './transports';

const secrets = 'cluster-secrets';
const cookie = 'pYSQXPnK7mk';

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop # 😀
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: shop
          image: registry.example.com/shop:1.0.0
          env:
            - { name: RELEASE_COOKIE, "😀": 1, value: "${cookie}" }
`;

const args = `-name shop@shop.internal\n-setcookie ${cookie}\n`;

const image = `# syntax=docker/dockerfile:1
# check=error=true
FROM elixir:1.17-slim
ENV MIX_ENV=prod \\
    RELEASE_COOKIE=${cookie}
`;

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
}

interface Opened {
  readonly editor: Editor;
  readonly uri: string;
}

/** A document of the fixture project, open in an editor. */
async function opened(t: TestContext, file: string, text: string, languageId: string): Promise<Opened> {
  const folder = temporaryFolder(t, 'shop');
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)] });
  const uri = uriOf(folder, file);
  await editor.open(uri, text, languageId);
  return { editor, uri };
}

async function applied({ editor, uri }: Opened, title: string): Promise<string> {
  const actions = await editor.codeActions(uri, rangeOf(editor.textOf(uri), cookie));
  const action = actions.find((candidate) => candidate.title === title);
  assert.ok(action, `no "${title}" among ${actions.map((candidate) => candidate.title).join(', ')}`);
  await editor.apply(action);
  return editor.textOf(uri);
}

for (const transport of [stdio, worker]) {
  test(`as they are typed, to the column (${transport.name})`, async (t) => {
    const folder = temporaryFolder(t, 'shop');
    const editor = await startEditor(t, transport, { folders: [uriOf(folder)] });
    const documents = [
      ['deploy/shop.yaml', deployment, 'yaml'],
      ['rel/vm.args.eex', args, 'plaintext'],
      ['Dockerfile', image, 'dockerfile'],
      ['fly.toml', `[env]\nRELEASE_COOKIE = "${cookie}"\n`, 'toml'],
    ] as const;
    for (const [file, text, language] of documents) {
      const uri = uriOf(folder, file);
      await editor.open(uri, text, language);
      const [finding, ...others] = await editor.diagnostics(uri);
      assert.ok(finding, file);
      assert.deepEqual([finding.code, others, textAt(text, finding.range)], [secrets, [], cookie]);
      await editor.change(uri, '$CLUSTER_COOKIE', rangeOf(text, cookie));
      assert.deepEqual(await editor.diagnostics(uri), [], file);
      await editor.change(uri, text);
      assert.equal((await editor.diagnostics(uri)).length, 1, file);
    }
  });
}

test('published to a client that does not pull, and cleared', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)], capabilities: isPublishedTo });
  const uri = uriOf(folder, 'deploy/shop.yaml');
  await editor.open(uri, deployment, 'yaml');
  await editor.published(uri, ({ diagnostics }) => diagnostics.length === 1);
  await editor.change(uri, deployment.replace(cookie, ''));
  await editor.published(uri, ({ diagnostics }) => diagnostics.length === 0);
});

test('nothing in YAML that is no project’s, and in files of other names', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  const other = temporaryFolder(t);
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder), uriOf(other)] });
  const quiet = [
    uriOf(other, 'deploy/shop.yaml'),
    uriOf(folder, 'test/fixtures/shop.yaml'),
    uriOf(folder, '.github/workflows/ci.yml'),
    uriOf(folder, 'deps/other/shop.yaml'),
    uriOf(folder, 'notes.txt'),
    `git:${path.join(folder, 'deploy/shop.yaml')}?ref`,
    'untitled:Untitled-1.yaml',
  ];
  for (const uri of quiet) {
    await editor.open(uri, deployment, 'yaml');
    assert.deepEqual(await editor.diagnostics(uri), [], uri);
    assert.deepEqual(await editor.codeActions(uri, rangeOf(deployment, cookie)), [], uri);
    assert.equal(await editor.hover(uri, rangeOf(deployment, cookie).start), null, uri);
  }
  const half = uriOf(folder, 'deploy/half.yaml');
  await editor.open(half, '', 'yaml');
  for (let length = 0; length < deployment.length; length += 23) {
    await editor.change(half, deployment.slice(0, length));
    assert.deepEqual(await editor.diagnostics(half), []);
  }
  assert.deepEqual(editor.log, []);
});

test('a hover tells the rule', async (t) => {
  const { editor, uri } = await opened(t, 'deploy/shop.yaml', deployment, 'yaml');
  const hover = await editor.hover(uri, rangeOf(deployment, cookie).start);
  assert.match((hover!.contents as MarkupContent).value, /cluster-secrets/);
});

test('comments turn them off, where such a file can have one', async (t) => {
  const line = `Disable ${secrets} for this line`;
  const above = `# netsplit:disable-for-next-line ${secrets}\n`;
  const yaml = await opened(t, 'deploy/shop.yaml', deployment, 'yaml');
  assert.equal(await applied(yaml, line), deployment.replace('            - { name', `            ${above}            - { name`));
  assert.deepEqual(await yaml.editor.diagnostics(yaml.uri), []);

  const flags = await opened(t, 'rel/vm.args.eex', args, 'plaintext');
  assert.equal(await applied(flags, line), args.replace('-setcookie', `${above}-setcookie`));

  const docker = await opened(t, 'Dockerfile', image, 'dockerfile');
  assert.equal(await applied(docker, line), image.replace('    RELEASE', `    ${above}    RELEASE`));
  await docker.editor.change(docker.uri, image);
  const file = `# netsplit:disable-for-this-file ${secrets}\n`;
  assert.equal(await applied(docker, `Disable ${secrets} for this file`), image.replace('FROM', `${file}FROM`));
});

test('a change of the code changes what is said about a manifest, and the other way round', async (t) => {
  const folder = temporaryFolder(t);
  const named = 'export RELEASE_NODE=shop@$POD_IP\n';
  const start = 'defmodule Shop.Cluster do\n  def start, do: :ra_system.start_default()\nend\n';
  write(folder, {
    'mix.exs': 'defmodule Shop.MixProject do\n  use Mix.Project\n  def project, do: [app: :shop, deps: [{:ra, "~> 2.14"}]]\nend\n',
    'config/config.exs': 'import Config\nconfig :ra, data_dir: ~c"/var/lib/shop/ra"\n',
    'rel/env.sh.eex': named,
    'lib/shop/cluster.ex': start,
  });
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)] });
  const [env, config, code] = [uriOf(folder, 'rel/env.sh.eex'), uriOf(folder, 'config/config.exs'), uriOf(folder, 'lib/shop/cluster.ex')];
  await editor.open(env, named, 'shellscript');
  const codes = async (uri: string) => (await editor.diagnostics(uri)).map(({ code }) => code);
  const [finding] = await editor.diagnostics(env);
  assert.equal(finding?.code, 'ra-config-durability');
  assert.equal(finding?.relatedInformation?.[0]?.location.uri, code);

  await editor.open(code, start.replace(':ra_system.start_default()', ':ok'));
  assert.deepEqual(await codes(env), []);
  await editor.change(code, start);
  assert.deepEqual(await codes(env), ['ra-config-durability']);
  assert.deepEqual(await codes(code), []);
  await editor.open(config, 'import Config\n');
  assert.deepEqual(await codes(env), []);
  assert.deepEqual(
    await codes(code),
    ['ra-config-durability'],
    'the directory is not named any more, and the release tells that it is deployed',
  );
  const refreshed = editor.refresh();
  await editor.change(env, '');
  await refreshed;
  assert.deepEqual(await codes(code), []);
});

test('the workspace shows them, and clients are told which documents to send', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  write(folder, { 'deploy/shop.yaml': deployment, 'test/shop.yaml': deployment });
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)], settings: { workspaceDiagnostics: 'all' } });
  const { items }: WorkspaceDiagnosticReport = await editor.connection.sendRequest('workspace/diagnostic', { previousResultIds: [] });
  const found = items.filter((report) => report.uri.endsWith('.yaml'));
  assert.deepEqual(
    found.map((report) => [report.uri, report.kind === 'full' && report.items.map(({ code }) => code)]),
    [[uriOf(folder, 'deploy/shop.yaml'), [secrets]]],
  );
  const { registerOptions } = await editor.registered('textDocument/diagnostic');
  assert.deepEqual(registerOptions.documentSelector, lintedDocuments);
});

import assert from 'node:assert/strict';
import { suite, teardown, test } from 'mocha';
import { ConfigurationTarget, commands, env, extensions, languages, Position, WorkspaceEdit, workspace } from 'vscode';
import { closeAll, findings, open, remove, until, untilFindings } from './editor';
import { votes, votesFindings } from './texts';

const file = 'lib/votes.ex';

suite('Server', () => {
  teardown(async () => {
    await closeAll();
    await remove(file);
  });

  test('it is restarted by the command, and finds what it found', async () => {
    const { document } = await open(file, votes);
    await untilFindings(document.uri, votesFindings);
    const counts: number[] = [];
    const watching = languages.onDidChangeDiagnostics(() => counts.push(findings(document.uri).length));
    try {
      await commands.executeCommand('netsplit.restartServer');
      await until(
        () => counts,
        (seen) => seen.includes(0) && seen.at(-1) === votesFindings.length,
        'findings to go and to come back',
      );
    } finally {
      watching.dispose();
    }
  });

  test('it formats nothing, renames nothing and leads nowhere: that is for others', async () => {
    const { document } = await open(file, votes);
    await untilFindings(document.uri, votesFindings);
    const at = new Position(1, 8);
    const ask = (command: string, ...args: unknown[]) => commands.executeCommand<unknown[] | undefined>(command, document.uri, ...args);
    assert.deepEqual((await ask('vscode.executeFormatDocumentProvider', {})) ?? [], []);
    assert.deepEqual((await ask('vscode.executeDefinitionProvider', at)) ?? [], []);
    assert.deepEqual((await ask('vscode.executeReferenceProvider', at)) ?? [], []);
    const rename = await commands.executeCommand<WorkspaceEdit>('vscode.executeDocumentRenameProvider', document.uri, at, 'lost?');
    assert.equal(rename?.size ?? 0, 0);
  });

  test('what to report of a defect is copied: versions, settings and state, and nothing of the user', async () => {
    const { document } = await open(file, votes);
    await untilFindings(document.uri, votesFindings);
    await workspace.getConfiguration('netsplit').update('learnings.path', 'secret/learnings.md', ConfigurationTarget.Workspace);
    try {
      await commands.executeCommand('netsplit.copyDebugInfo');
      const text = await env.clipboard.readText();
      assert.match(text, /^- netsplit \d+\.\d+\.\d+$/m);
      assert.match(text, /^- server: running$/m);
      assert.match(text, /^- settings: .*"maxFiles":5000/m);
      assert.doesNotMatch(text, /secret|votes|inventory/);
    } finally {
      await workspace.getConfiguration('netsplit').update('learnings.path', undefined, ConfigurationTarget.Workspace);
    }
  });

  test('what VS Code and the server say to each other is in the log where the setting asks for it', async () => {
    const { document } = await open(file, votes);
    await untilFindings(document.uri, votesFindings);
    const settings = workspace.getConfiguration('netsplit');
    await settings.update('trace.server', 'messages', ConfigurationTarget.Workspace);
    try {
      await commands.executeCommand('netsplit.showLog');
      await until(
        async () => {
          const edit = new WorkspaceEdit();
          edit.insert(document.uri, new Position(0, 0), '\n');
          await workspace.applyEdit(edit);
          return workspace.textDocuments.filter(({ uri }) => uri.scheme === 'output').map((log) => log.getText());
        },
        (logs) => logs.some((log) => log.includes("Sending request 'textDocument/diagnostic")),
        'a request in the log',
      );
    } finally {
      await settings.update('trace.server', undefined, ConfigurationTarget.Workspace);
      await commands.executeCommand('workbench.action.closePanel');
    }
  });

  test('every command of the manifest exists', async () => {
    await open(file, votes);
    const declared = extensions
      .getExtension('netsplit.netsplit')
      ?.packageJSON.contributes.commands.map(({ command }: { readonly command: string }) => command);
    const registered = new Set(await commands.getCommands(true));
    assert.deepEqual(
      declared.filter((command: string) => !registered.has(command)),
      [],
    );
  });
});

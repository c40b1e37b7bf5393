import assert from 'node:assert/strict';
import { suite, suiteTeardown, teardown, test } from 'mocha';
import { ConfigurationTarget, commands, workspace } from 'vscode';
import { closeAll, fileAt, findings, open, remove, until, untilFindings, write } from './editor';
import { mended, quorum, votes, votesFindings } from './texts';

const file = 'lib/never_opened.ex';

suite('Workspace', () => {
  suiteTeardown(async () => {
    // What the command asked for holds as long as the server runs.
    await commands.executeCommand('netsplit.restartServer');
  });

  teardown(async () => {
    await workspace.getConfiguration('netsplit').update('workspaceDiagnostics', undefined, ConfigurationTarget.Workspace);
    await closeAll();
    await remove(file);
  });

  test('files that are not open have findings where the settings ask for them', async () => {
    const uri = await write(file, votes);
    await open('lib/inventory/quorum.ex');
    const settings = workspace.getConfiguration('netsplit');
    for (const scope of ['open', 'all']) {
      await settings.update('workspaceDiagnostics', scope, ConfigurationTarget.Workspace);
      await untilFindings(uri, votesFindings);
      await settings.update('workspaceDiagnostics', 'off', ConfigurationTarget.Workspace);
      await untilFindings(uri, []);
    }
  });

  test('the command lints every file, and keeps their findings up to date', async () => {
    const uri = await write(file, votes);
    const summary = await commands.executeCommand<{ readonly ended: string; readonly findings: number }>('netsplit.lintWorkspace');
    assert.equal(summary.ended, 'complete');
    assert.ok(summary.findings > votesFindings.length);
    await untilFindings(uri, votesFindings);
    await until(
      () => findings(fileAt('config/runtime.exs')).length,
      (count) => count > 0,
      'findings of a file that was never opened',
    );
    await write(file, mended);
    await untilFindings(uri, []);
    await write(file, `\n${votes}`);
    await untilFindings(uri, [`3 ${quorum}`, `4 ${quorum}`]);
  });
});

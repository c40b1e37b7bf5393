import assert from 'node:assert/strict';
import { suite, teardown, test } from 'mocha';
import { commands, languages, Position, WorkspaceEdit, workspace } from 'vscode';
import { serverProcesses } from '../host/processes';
import { closeAll, findings, open, remove, until, untilFindings } from './editor';
import { quorum, votes, votesFindings } from './texts';

const file = 'lib/votes.ex';

suite('Crashes', () => {
  teardown(async () => {
    await closeAll();
    await remove(file);
  });

  test('a server that is killed is started again, and knows what is open and not saved', async () => {
    const { document } = await open(file, votes);
    await untilFindings(document.uri, votesFindings);
    const edit = new WorkspaceEdit();
    edit.insert(document.uri, new Position(0, 0), '# Not saved.\n\n');
    assert.ok(await workspace.applyEdit(edit));
    const expected = [`4 ${quorum}`, `5 ${quorum}`];
    await untilFindings(document.uri, expected);

    const [before, ...others] = serverProcesses(process.pid);
    assert.ok(before !== undefined && others.length === 0, 'There is not one server.');
    const counts: number[] = [];
    const watching = languages.onDidChangeDiagnostics(() => counts.push(findings(document.uri).length));
    try {
      process.kill(before, 'SIGKILL');
      await until(
        () => counts,
        (seen) => seen.includes(0) && seen.at(-1) === expected.length,
        'findings to go and to come back',
      );
    } finally {
      watching.dispose();
    }
    await untilFindings(document.uri, expected);
    const after = serverProcesses(process.pid);
    assert.equal(after.length, 1);
    assert.notEqual(after[0], before);
  });

  test('a server that is killed while it starts is started again', async () => {
    const { document } = await open(file, votes);
    await untilFindings(document.uri, votesFindings);
    const [before] = serverProcesses(process.pid);
    const restarting = commands.executeCommand('netsplit.restartServer');
    const [starting] = await until(
      () => serverProcesses(process.pid).filter((id) => id !== before),
      (others) => others.length > 0,
      'a new server',
    );
    assert.ok(starting !== undefined);
    process.kill(starting, 'SIGKILL');
    await restarting;
    await until(
      () => serverProcesses(process.pid),
      (ids) => ids.length === 1 && ids[0] !== starting,
      'one server after that',
    );
    await untilFindings(document.uri, votesFindings);
  });
});

import assert from 'node:assert/strict';
import { suite, suiteTeardown, test } from 'mocha';
import { languages, ShellExecution, tasks, type Uri } from 'vscode';
import { fileAt, remove, until, write } from './editor';
import { quorum, votes } from './texts';

const file = 'lib/for_the_task.ex';

suite('Tasks', () => {
  suiteTeardown(async () => {
    await remove(file);
    await remove('.vscode/tasks.json');
  });

  test('a task is offered for the folder, which runs the package of the project', async () => {
    const [task, ...others] = await tasks.fetchTasks({ type: 'netsplit' });
    assert.ok(task && others.length === 0);
    assert.equal(task.name, 'check .');
    assert.ok(task.execution instanceof ShellExecution);
    assert.equal(task.execution.command, 'npx');
    assert.deepEqual(task.execution.args, ['--no', '--', 'netsplit', 'check', '--format', 'concise', '--no-progress', '.']);
  });

  test('what the command line prints becomes problems of files that are not open', async () => {
    const { NETSPLIT_CLI: cli = '' } = process.env;
    const uri = await write(file, votes);
    const own = { type: 'netsplit', label: 'lint lib', executable: ['node', cli], paths: ['lib'], problemMatcher: '$netsplit' };
    await write('.vscode/tasks.json', JSON.stringify({ version: '2.0.0', tasks: [own] }));
    const task = await until(
      async () => (await tasks.fetchTasks()).find(({ name }) => name === 'lint lib'),
      (found) => found !== undefined,
      'the task of tasks.json',
    );
    assert.ok(task);
    const running = await tasks.executeTask(task);
    try {
      await until(
        () => problems(uri),
        (found) => found.length > 0,
        'problems of the task',
      );
      assert.deepEqual(problems(uri), [`2:33 error ${quorum}`, `3:36 error ${quorum}`]);
    } finally {
      running.terminate();
    }
  });
});

/** Line and column, counted from 1, severity and rule. */
function problems(uri: Uri): readonly string[] {
  const severities = ['error', 'warning', 'info', 'hint'];
  return languages
    .getDiagnostics(fileAt(uri.path))
    .map(({ range: { start }, severity, code }) => `${start.line + 1}:${start.character + 1} ${severities[severity]} ${code}`)
    .sort();
}

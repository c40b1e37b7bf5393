/** Tasks that run the command line over a folder; `$netsplit` turns its lines into problems. */
import {
  type Disposable,
  ShellExecution,
  Task,
  type TaskDefinition,
  TaskGroup,
  type TaskProvider,
  TaskScope,
  tasks,
  type WorkspaceFolder,
  workspace,
} from 'vscode';

const type = 'netsplit';

/** What `tasks.json` says; the manifest describes each part. */
interface Definition extends TaskDefinition {
  readonly paths?: readonly string[];
  readonly arguments?: readonly string[];
  readonly executable?: readonly string[];
}

/** `--no`: a package that is not installed is not fetched either. */
const installed = ['npx', '--no', '--', 'netsplit'];

/** Offers a task for each folder of a disk, and runs those of `tasks.json`. */
export function provideTasks(): Disposable {
  const provider: TaskProvider = {
    provideTasks: () =>
      (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map((folder) => taskOf({ type }, folder)),
    resolveTask: ({ definition, scope }) =>
      typeof scope === 'object' ? taskOf(definition as Definition, scope) : taskOf(definition as Definition, TaskScope.Workspace),
  };
  return tasks.registerTaskProvider(type, provider);
}

function taskOf(definition: Definition, scope: WorkspaceFolder | TaskScope.Workspace): Task {
  const { paths = ['.'], arguments: more = [], executable = installed } = definition;
  const [command = 'netsplit', ...before] = executable;
  const words = [...before, 'check', '--format', 'concise', '--no-progress', ...more, ...paths];
  const execution = new ShellExecution(command, words, { env: { NO_COLOR: '1' } });
  const task = new Task(definition, scope, `check ${paths.join(' ')}`, 'netsplit', execution, '$netsplit');
  task.group = TaskGroup.Test;
  return task;
}

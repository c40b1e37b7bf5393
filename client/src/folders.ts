/** The folder that something is for. */
import { FileSystemError, type Uri, type WorkspaceFolder, window, workspace } from 'vscode';

/** The folder that is open; of several the one that the user picks. Without one nothing, and `why` is shown as an error. */
export async function chooseFolder(placeHolder: string, why: string): Promise<WorkspaceFolder | undefined> {
  const folders = workspace.workspaceFolders ?? [];
  if (folders.length === 0) {
    void window.showErrorMessage(why);
    return undefined;
  }
  return folders.length === 1 ? folders[0] : window.showWorkspaceFolderPick({ placeHolder });
}

export async function exists(file: Uri): Promise<boolean> {
  try {
    await workspace.fs.stat(file);
    return true;
  } catch (error) {
    if (error instanceof FileSystemError && error.code === 'FileNotFound') return false;
    throw error;
  }
}

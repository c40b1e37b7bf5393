/** Places in the tree of folders, as URIs. */
import type { URI } from 'vscode-uri';

/** The path of `uri` relative to `folder`, with `/`; undefined when it is not below. */
export function relativePath(folder: URI, uri: URI): string | undefined {
  if (folder.scheme !== uri.scheme || folder.authority !== uri.authority) return undefined;
  const prefix = folder.path.endsWith('/') ? folder.path : `${folder.path}/`;
  return uri.path.startsWith(prefix) ? uri.path.slice(prefix.length) : undefined;
}

/** Whether `uri` is `folder` or below it. */
export function isBelow(folder: URI, uri: URI): boolean {
  return relativePath(folder, uri) !== undefined || folder.toString() === uri.toString();
}

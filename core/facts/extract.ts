/** Text → the facts of one file. */
import type { FileFacts } from './facts';

/** Extracts the facts of a file. Never throws: broken source yields fewer facts. */
export type Extract = (path: string, text: string) => FileFacts;

/** Loads the grammar, once per process or worker. */
export declare function createExtractor(): Promise<Extract>;

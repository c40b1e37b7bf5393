/** The `.netsplit.json` files: which one holds for a file, and what is wrong in them. */
import { type URI, Utils } from 'vscode-uri';
import { type Configuration, type ConfigurationError, parseConfiguration } from '../../core/configuration';
import type { Rule } from '../../core/rule';
import type { Texts } from './texts';
import type { Upwards } from './upwards';

export const configurationName = '.netsplit.json';

/** A configuration file as last read. */
export interface ConfigurationFile {
  readonly uri: URI;
  readonly text: string;
  readonly configuration: Configuration;
  readonly errors: readonly ConfigurationError[];
}

export interface Configurations {
  /** The nearest configuration upwards from a file. */
  nearest(file: URI): Promise<ConfigurationFile | undefined>;
  /** Reads the file again; undefined when it is gone. */
  reload(uri: URI): Promise<ConfigurationFile | undefined>;
  /** Every file is looked for again at the next question. */
  forget(): void;
}

/** `onRead` is told of every file that was read, and of `undefined` when one is gone. */
export function createConfigurations(
  texts: Texts,
  upwards: Upwards,
  rules: readonly Rule[],
  onRead: (uri: URI, file: ConfigurationFile | undefined) => void,
): Configurations {
  const files = new Map<string, Promise<ConfigurationFile | undefined>>();
  const lastGood = new Map<string, Configuration>();
  const read = new Set<string>();

  async function load(uri: URI): Promise<ConfigurationFile | undefined> {
    const key = uri.toString();
    const text = await texts.read(uri);
    if (text === undefined) {
      lastGood.delete(key);
      if (read.delete(key)) onRead(uri, undefined);
      return undefined;
    }
    const { configuration, errors } = parseConfiguration(text, rules);
    if (errors.length === 0) lastGood.set(key, configuration);
    // While a file is being edited it is invalid now and then: that must not turn every rule back on.
    const file = { uri, text, configuration: lastGood.get(key) ?? configuration, errors };
    read.add(key);
    onRead(uri, file);
    return file;
  }

  function get(uri: URI): Promise<ConfigurationFile | undefined> {
    const key = uri.toString();
    let file = files.get(key);
    if (!file) {
      file = load(uri);
      files.set(key, file);
    }
    return file;
  }

  return {
    async nearest(file) {
      for (const folder of await upwards(file)) {
        const found = await get(Utils.joinPath(folder, configurationName));
        if (found) return found;
      }
      return undefined;
    },
    reload(uri) {
      files.delete(uri.toString());
      return get(uri);
    },
    forget: () => files.clear(),
  };
}

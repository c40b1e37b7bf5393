/** All options in one list, and how they are found. */
import type { Option, OptionId, Technique, TechniqueId } from './option';
import { processOptions } from './processes';
import { type Kind, processKinds } from './questions';
import { replicationOptions, techniques } from './replication';

/** Every option: those for data, then those for processes. */
export const options: readonly Option[] = [...replicationOptions, ...processOptions];

/** Options that are shown for all data, so that their loss or absence is visible. */
const alwaysShown: readonly OptionId[] = ['lww-register', 'paxos'];

export function optionOf(id: OptionId): Option {
  return options.find((option) => option.id === id) ?? (options[0] as Option);
}

export function techniqueOf(id: TechniqueId): Technique {
  return techniques.find((technique) => technique.id === id) ?? (techniques[0] as Technique);
}

/** The options considered for a kind; without one, those for data, and those for processes when at most one may hold something. */
export function optionsFor(kind: Kind | undefined, oneHolder: boolean): readonly Option[] {
  if (kind === undefined) return oneHolder ? options : replicationOptions;
  if (processKinds.includes(kind)) return processOptions.filter((option) => option.suits[kind] !== undefined);
  return replicationOptions.filter((option) => option.suits[kind] !== undefined || alwaysShown.includes(option.id));
}

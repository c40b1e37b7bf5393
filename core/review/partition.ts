/** What becomes of the parts of one kind in a partition, where the code decides something itself that is else left to the library. */
import { conflictResolvers } from '../facts/syn';
import { isBeside } from '../project/contribution';
import type { ProjectFacts } from '../project/project';
import type { InPartition, PartKind } from './kinds';
import type { Item } from './parts';

/** The behaviour of a kind, in this project. */
export function inPartition({ id, partition }: PartKind, items: readonly Item[], project: ProjectFacts): InPartition {
  switch (id) {
    case 'syn': {
      const resolvers = [...project.files.values()].flatMap((file) => (isBeside(file.path) ? [] : conflictResolvers(file)));
      const [resolver] = resolvers;
      if (!resolver) return partition;
      return {
        ...partition,
        heal: `Of two processes with one name \`${resolver.module.name}.resolve_registry_conflict/4\` decides which stays; what becomes of the other one is up to it as well.`,
      };
    }
    case 'global-name': {
      const own = items.filter(({ note }) => note !== undefined).length;
      if (own === 0) return partition;
      const others = own < items.length ? `; for the names without one: ${withoutStart(partition.heal)}` : '.';
      return { ...partition, heal: `Both copies meet; the resolver named above decides${others}` };
    }
    case 'mnesia': {
      if (project.words.has('inconsistent_database')) return partition;
      return {
        ...partition,
        heal: 'Both sides keep their own data, and nothing here handles `:inconsistent_database`: they stay apart until somebody restarts the nodes of one side.',
      };
    }
    default:
      return partition;
  }
}

/** `Both copies meet; the default …` → `the default …`. */
function withoutStart(heal: string): string {
  return heal.replace(/^Both copies meet; /, '');
}

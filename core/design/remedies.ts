/** Code for an investigation: what does it right where the symptom comes from doing it wrong, with a test that cuts real nodes where there is one. */
import { codeOf, type GeneratedCode } from './generate/generate';
import { type Generator, type GeneratorId, generatorOf } from './generate/generators';
import type { SymptomId } from './symptoms';

/** By symptom, what fits most causes first; every symptom also has the scripts that spoil a network. */
const remedies: Readonly<Record<SymptomId, readonly GeneratorId[]>> = {
  'duplicate-leaders': ['ra-lease', 'quorum-guard', 'global-singleton'],
  'nodes-disagree': ['ra-store', 'mnesia-majority', 'delta-crdt', 'hybrid-clock'],
  'counter-loses-increments': ['delta-crdt', 'ra-store'],
  'messages-vanish': ['node-monitor'],
  'lock-held-twice': ['ra-lease'],
  'jobs-on-every-node': ['ra-lease', 'global-singleton'],
  'node-never-rejoins': ['libcluster', 'node-monitor'],
  'cluster-drops-nodes': ['node-monitor', 'cluster-health', 'libcluster'],
  'memory-grows': ['node-monitor'],
  'ghost-presences': ['phoenix-tracker'],
  'calls-hang': ['node-monitor'],
  'second-node-fails-to-boot': ['global-singleton'],
  'consensus-group-stops': ['ra-store', 'cluster-health'],
  'applied-twice': ['ra-inventory'],
  'expires-at-wrong-time': ['ra-lease', 'clock-skew'],
};

/** The generators that help with a symptom, the scripts that spoil a network last. */
export function remediesOf(symptom: SymptomId): readonly Generator[] {
  return [...remedies[symptom], 'network-faults' as const].map(generatorOf);
}

/** The code of these generators in one: each path once. `app` is the OTP application that it is named after. */
export function remedyCode(generators: readonly Generator[], app?: string): GeneratedCode {
  return codeOf(generators, app === undefined ? {} : { app });
}

/** The generated test that shows the symptom on real nodes, or that it is gone: its path, and what it does; undefined where there is none. */
export function reproducingTest(symptom: SymptomId, app?: string): { readonly path: string; readonly what: string } | undefined {
  for (const generator of remediesOf(symptom)) {
    const test = remedyCode([generator], app).files.find(({ path }) => path.endsWith('_partition_test.exs'));
    if (test) return { path: test.path, what: test.what };
  }
  return undefined;
}

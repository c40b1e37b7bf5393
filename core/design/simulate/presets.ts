/** Scenarios to begin with: the classical stories, and for each strategy that breaks the shortest schedule that breaks it. */
import { foundSchedules } from './found';
import { stories, tellStory } from './stories';
import { strategies } from './strategies';
import type { Scenario } from './types';

/** A scenario to begin with. */
export interface Preset {
  /** Kebab-case, unique. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly scenario: Scenario;
}

/** Each story with Raft at its best size; `tellStory` gives any other protocol and size. */
export function storyPresets(): readonly Preset[] {
  return stories.map((story) => ({ id: story.id, title: story.title, description: story.description, scenario: tellStory(story, 'raft') }));
}

/** The strategies that break, each with its schedule. */
export function breakingPresets(): readonly Preset[] {
  return strategies.flatMap(({ id, title, breach, protocol, options }) => {
    const schedule = foundSchedules[id];
    if (schedule === undefined) return [];
    return [{ id, title, description: breach, scenario: { name: title, description: breach, protocol, options, ...schedule } }];
  });
}

/** All presets, the stories first. */
export function presets(): readonly Preset[] {
  return [...storyPresets(), ...breakingPresets()];
}

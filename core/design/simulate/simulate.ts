/** The simulation's front: a scenario in, a trace out. */
import { type Run, run } from './engine';
import type { Protocol } from './protocol';
import { protocols } from './protocols/index';
import type { Scenario, Trace } from './types';
import { judge } from './verdicts';

/** Runs a scenario and shows everything that happened. The scenario must be well-formed: see `parseScenario` for input from outside. */
export function simulate(scenario: Scenario): Trace {
  const protocol = protocols[scenario.protocol];
  const result = protocol.run(scenario, true);
  return {
    scenario,
    frames: result.frames,
    ...judged(scenario, result),
    messages: result.messages,
  };
}

/** What is known of a run without watching it. */
export type Assessment = Pick<Trace, 'operations' | 'verdicts'>;

/** Runs a scenario for its outcome alone: many times faster than a full trace. */
export function assess(scenario: Scenario): Assessment {
  return judged(scenario, protocols[scenario.protocol].run(scenario, false));
}

/** Assesses a protocol that is not one of ours, such as one that a test has broken on purpose. */
export function assessWith<Message, Disk>(protocol: Protocol<Message, Disk>, scenario: Scenario): Assessment {
  return judge(run(protocol, scenario, false), protocol.keeping(scenario.options ?? {}), scenario.nodes, scenario.until);
}

function judged(scenario: Scenario, result: Run): Assessment {
  return judge(result, protocols[scenario.protocol].keeping(scenario.options ?? {}), scenario.nodes, scenario.until);
}

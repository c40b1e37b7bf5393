import type { Severity } from '../../../core/rule';
import type { Colours } from '../terminal';

/** The colour that a severity has on a terminal. */
export function severityColour(colours: Colours, severity: Severity): (text: string) => string {
  return { error: colours.red, warning: colours.yellow, info: colours.blue, hint: colours.cyan }[severity];
}

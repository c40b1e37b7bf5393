/** What there is to learn about a place in a file, whether or not something is wrong there. Types only. */
import type { Range } from '../text';

export interface Lesson {
  /** The call or expression that it is about. */
  readonly range: Range;
  /** Markdown, without links: where the pages of the rules are only the host knows. */
  readonly text: string;
  /** Ids of rules whose pages say more, the closest first. */
  readonly rules: readonly string[];
  /** A page of somebody else's, where no rule's says more. */
  readonly reference?: string;
}

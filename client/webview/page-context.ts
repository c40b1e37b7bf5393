/** What each part of the page is given: what there is to show, and what a person may do. */
import type { ClassReport, Report } from '../../core/design/document';
import type { GeneratedCode } from '../../core/design/generate/generate';
import type { ProjectView, ToExtension } from './messages';
import type { State } from './state';

export interface Page {
  readonly state: State;
  readonly report: Report;
  /** The class that is looked at; absent when the design has none. */
  readonly one?: ClassReport;
  /** Made when it is asked for. */
  readonly code: () => GeneratedCode;
  /** What documents are made from: their code stands in files beside them, which they name. */
  readonly documented: () => Report;
  readonly project: ProjectView;
  /** How the last thing that was asked of the extension ended. */
  readonly outcome?: { readonly done: boolean; readonly text: string };
  /** Whether the answers have no room beside the rest. */
  readonly narrow: boolean;
  /** Whether the simulator plays. */
  readonly playing: boolean;
  change(change: Partial<State>): void;
  /** Gives an answer by its path; text that cannot be used is kept as a draft. */
  answer(path: string, value: unknown, typed?: string): void;
  /** Shows the field of an answer and puts the focus there. */
  go(path: string): void;
  ask(message: ToExtension): void;
  play(on: boolean): void;
}

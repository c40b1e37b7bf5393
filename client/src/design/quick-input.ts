/** One question of several in VS Code's quick input: with the way back, the count of steps, and buttons that leave the questions. */
import { type QuickInputButton, QuickInputButtons, type QuickPickItem, QuickPickItemKind, ThemeIcon, window } from 'vscode';

/** What came of a question: an answer, a step back, the end, or one of the caller's buttons. */
export type Reply<Value, Button extends string = never> =
  | { readonly kind: 'answer'; readonly value: Value }
  | { readonly kind: 'back' }
  | { readonly kind: 'closed' }
  | Pressed<Button>;

type Pressed<Button extends string> = Button extends string ? { readonly kind: Button } : never;

/** A button of the caller's, in the title bar. */
export interface OwnButton<Button extends string> {
  readonly id: Button;
  /** Of a product icon: `open-preview`. */
  readonly icon: string;
  readonly tooltip: string;
}

/** What is the same for every kind of question. */
export interface Question<Button extends string = never> {
  readonly title: string;
  /** From 1; absent where the number of steps is not known. */
  readonly step?: number;
  readonly total?: number;
  readonly canGoBack?: boolean;
  readonly buttons?: readonly OwnButton<Button>[];
  readonly placeholder: string;
}

/** An item that stands for a value. */
export interface Item<Value> extends QuickPickItem {
  readonly value: Value;
}

/** A line between groups of items, which cannot be chosen. */
export function separator<Value>(label: string, value: Value): Item<Value> {
  return { label, kind: QuickPickItemKind.Separator, value };
}

/** Asks for one of the items; `active` is the one that Enter takes at first. */
export async function askOne<Value, Button extends string = never>(
  question: Question<Button>,
  items: readonly Item<Value>[],
  active?: (value: Value) => boolean,
): Promise<Reply<Value, Button>> {
  const input = window.createQuickPick<Item<Value>>();
  input.items = items;
  input.matchOnDetail = true;
  input.matchOnDescription = true;
  const first = items.find((item) => item.kind !== QuickPickItemKind.Separator && active?.(item.value));
  if (first) input.activeItems = [first];
  input.placeholder = question.placeholder;
  return shown(input, question, (accept) => {
    input.onDidAccept(() => {
      const [chosen] = input.activeItems;
      if (chosen) accept(chosen.value);
    });
  });
}

/** Asks for any number of the items; `refuse` says what is wrong with a choice, and the question stays. */
export async function askMany<Value, Button extends string = never>(
  question: Question<Button>,
  items: readonly Item<Value>[],
  refuse: (values: readonly Value[]) => string | undefined = () => undefined,
): Promise<Reply<readonly Value[], Button>> {
  const input = window.createQuickPick<Item<Value>>();
  input.canSelectMany = true;
  input.matchOnDescription = true;
  input.items = items;
  input.matchOnDetail = true;
  input.selectedItems = items.filter(({ picked }) => picked);
  input.placeholder = question.placeholder;
  return shown(input, question, (accept) => {
    input.onDidAccept(() => {
      const values = input.selectedItems.map(({ value }) => value);
      const wrong = refuse(values);
      if (wrong === undefined) accept(values);
      else void window.showWarningMessage(wrong);
    });
  });
}

/** Asks for a text; `refuse` says what is wrong with one, and the question stays. */
export async function askText<Button extends string = never>(
  question: Question<Button> & { readonly prompt: string; readonly value?: string },
  refuse: (text: string) => string | undefined = () => undefined,
): Promise<Reply<string, Button>> {
  const input = window.createInputBox();
  input.value = question.value ?? '';
  input.prompt = question.prompt;
  input.placeholder = question.placeholder;
  return shown(input, question, (accept) => {
    input.onDidChangeValue(() => {
      input.validationMessage = undefined;
    });
    input.onDidAccept(() => {
      const wrong = refuse(input.value);
      input.validationMessage = wrong;
      if (wrong === undefined) accept(input.value);
    });
  });
}

/** The parts of a quick pick and of an input box that do not depend on which of them it is. */
interface Input {
  title: string | undefined;
  step: number | undefined;
  totalSteps: number | undefined;
  ignoreFocusOut: boolean;
  buttons: readonly QuickInputButton[];
  onDidTriggerButton(listener: (button: QuickInputButton) => void): unknown;
  onDidHide(listener: () => void): unknown;
  show(): void;
  dispose(): void;
}

async function shown<Value, Button extends string>(
  input: Input,
  { title, step, total, canGoBack, buttons = [] }: Question<Button>,
  listen: (accept: (value: Value) => void) => void,
): Promise<Reply<Value, Button>> {
  const own = buttons.map(({ id, icon, tooltip }) => ({ id, iconPath: new ThemeIcon(icon), tooltip }));
  input.title = title;
  input.step = step;
  input.totalSteps = total;
  // Whoever looks something up in another window comes back to the same question.
  input.ignoreFocusOut = true;
  input.buttons = [...(canGoBack ? [QuickInputButtons.Back] : []), ...own];
  try {
    return await new Promise((resolve) => {
      listen((value) => resolve({ kind: 'answer', value }));
      input.onDidTriggerButton((pressed) => {
        const mine = own.find((button) => button === pressed);
        resolve(mine ? ({ kind: mine.id } as Pressed<Button>) : { kind: 'back' });
      });
      input.onDidHide(() => resolve({ kind: 'closed' }));
      input.show();
    });
  } finally {
    input.dispose();
  }
}

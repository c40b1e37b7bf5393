/** VS Code's window as a person uses it: keys, the mouse, and what is seen. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';

/** Where pictures are kept that a run leaves for people to look at; not in the repository. */
export const pictures = path.resolve('out/screenshots');

/** A workbench in which a folder is open. */
export interface Workbench {
  readonly page: Page;
  /** The editor that is seen. */
  readonly editor: Locator;
  /** Opens a file of the folder by its name, and waits until keys go to it. */
  open(name: string): Promise<void>;
  /** Runs a command by its title. */
  run(title: string): Promise<void>;
  /** Answers the question that a command asks, with one of its choices. */
  pick(choice: string): Promise<void>;
  /** A line of the editor with this text. */
  line(text: string): Locator;
  /** The first underline of this severity in a line. */
  underlined(severity: 'error' | 'warning' | 'info'): Locator;
  /** What the pointer rests on is explained here. */
  hover(): Locator;
  /** Rests the pointer on something until all of this is seen: moved away and back where VS Code leaves a part of its hover empty. */
  point(at: Locator, ...seen: readonly Locator[]): Promise<void>;
  /** Rows of the Problems panel. */
  problems(): Locator;
  /** The language status in the status bar; the pointer on it opens its rows. */
  readonly status: Locator;
  /** Rows of the language status. */
  statusRows(): Locator;
  /** Messages that lie over the window. */
  messages(): Locator;
  /** The light bulb at the caret. */
  bulb(): Locator;
  /** What is offered to complete the text before the caret, once that has been asked for. */
  completions(): Locator;
  /** Takes a code action from the list that is open. */
  choose(title: string): Promise<void>;
  /** Keeps what is seen as a picture. */
  picture(name: string): Promise<void>;
}

export function workbenchOf(page: Page): Workbench {
  const editor = page.locator('.editor-group-container.active .editor-instance .monaco-editor').first();
  const input = page.locator('.quick-input-widget:visible input').first();
  const rows = page.locator('.quick-input-list .monaco-list-row');

  /** Lines are made of spans in which spaces are non-breaking. */
  const line = (text: string) => editor.locator('.view-line').filter({ hasText: new RegExp(escaped(text).replaceAll(' ', '\\s')) });

  async function search(query: string, row: string): Promise<void> {
    await page.keyboard.press('F1');
    await input.fill(query);
    await rows.filter({ hasText: row }).first().click();
  }

  const hover = () => page.locator('.monaco-hover:visible');

  async function point(at: Locator, ...seen: readonly Locator[]): Promise<void> {
    for (let times = 1; ; times++) {
      await at.hover({ force: true });
      try {
        for (const part of seen) await part.waitFor({ timeout: 15_000 });
        return;
      } catch (error) {
        if (times === 4) throw error;
        await page.mouse.move(0, 0);
        await hover().first().waitFor({ state: 'hidden' });
      }
    }
  }

  return {
    page,
    editor,
    line,
    open: async (name) => {
      await search(name, name);
      await page.locator('.tab.active', { hasText: name }).waitFor();
      await page.locator(`.monaco-editor.focused[data-uri$="/${name}"]`).waitFor();
    },
    run: (title) => search(`>${title}`, title),
    pick: async (choice) => {
      await input.fill(choice);
      await rows.filter({ hasText: choice }).first().click();
    },
    underlined: (severity) => editor.locator(`.squiggly-${severity}`).first(),
    hover,
    point,
    problems: () => page.locator('.markers-panel .monaco-list-row'),
    status: page.locator('[id="status.languageStatus"]'),
    statusRows: () => page.locator('.hover-language-status:visible'),
    messages: () => page.locator('.notification-toast:visible'),
    bulb: () => editor.locator('.lightBulbWidget:visible, .glyph-margin-widgets [class*="lightbulb"]').first(),
    completions: () => page.locator('.suggest-widget.visible'),
    choose: async (title) => page.locator('.action-widget .action', { hasText: title }).first().click(),
    picture: async (name) => {
      mkdirSync(pictures, { recursive: true });
      await page.screenshot({ path: path.join(pictures, `${name}.png`) });
    },
  };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

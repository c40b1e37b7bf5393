/** The design page as it was built, in Chromium without VS Code: its state is kept, and what it asks for is written down. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { documentOf } from '../../client/webview/html';
import type { ToExtension, ToPage } from '../../client/webview/messages';
import { startBrowser } from '../e2e/host/browser';
import themes from './themes.json';

/** The themes whose variables were read off in VS Code. */
export type ThemeName = keyof typeof themes;

export const themeNames = Object.keys(themes) as ThemeName[];

/** Where pictures are kept that a run leaves for people to look at; not in the repository. */
const pictures = path.resolve('out/screenshots');

/** A page that is open. */
export interface DesignPage {
  readonly page: Page;
  /** What the page asked of the extension. */
  readonly said: readonly ToExtension[];
  /** Errors, and what the page's policy refused. */
  readonly complaints: readonly string[];
  tell(message: ToPage | Readonly<Record<string, unknown>>): Promise<void>;
  /** The field of an answer. */
  field(label: string): Locator;
  /** Chooses from a list with the keyboard. */
  choose(label: string, choice: string): Promise<void>;
  tab(title: string): Promise<void>;
  /** Waits until the page asked for this kind of thing, and returns it. */
  asked<Type extends ToExtension['type']>(type: Type): Promise<Extract<ToExtension, { type: Type }>>;
  reload(): Promise<void>;
  picture(name: string): Promise<void>;
}

export interface Opening {
  readonly theme?: ThemeName;
  readonly width?: number;
  readonly height?: number;
  /** What VS Code kept of the page. */
  readonly state?: unknown;
}

const address = 'https://page.test/';

/** What VS Code gives a page. It keeps its state as VS Code does: over reloads. */
function acquire(state: unknown): void {
  const key = 'state';
  if (state !== null && sessionStorage.getItem(key) === null) sessionStorage.setItem(key, JSON.stringify(state));
  Object.assign(window, {
    acquireVsCodeApi: () => ({
      postMessage: (message: unknown) => (window as unknown as { say(message: unknown): void }).say(message),
      getState: () => JSON.parse(sessionStorage.getItem(key) ?? 'null') ?? undefined,
      setState: (value: unknown) => sessionStorage.setItem(key, JSON.stringify(value)),
    }),
  });
}

function dress({
  body,
  kind,
  variables,
}: {
  readonly body: string;
  readonly kind: string;
  readonly variables: Readonly<Record<string, string>>;
}): void {
  const put = () => {
    for (const [name, value] of Object.entries(variables)) document.documentElement.style.setProperty(name, value);
    document.body.className = body;
    document.body.dataset.vscodeThemeKind = kind;
  };
  document.addEventListener('DOMContentLoaded', put);
}

let browser: Promise<Browser> | undefined;

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}

export async function openPage({ theme = 'Dark Modern', width = 1280, height = 900, state }: Opening = {}): Promise<DesignPage> {
  browser ??= startBrowser();
  const context: BrowserContext = await (await browser).newContext({ viewport: { width, height } });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const said: ToExtension[] = [];
  const complaints: string[] = [];
  const waiting = new Set<() => void>();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await context.exposeFunction('say', (message: ToExtension) => {
    said.push(message);
    for (const wake of waiting) wake();
  });
  await context.route('**/*', (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/') return route.fulfill({ contentType: 'text/html', body: documentOf({ script: '/webview.js', nonce: 'test' }) });
    if (pathname === '/webview.js') return route.fulfill({ contentType: 'text/javascript', body: readFileSync('dist/webview.js') });
    return route.abort();
  });
  await page.addInitScript(acquire, state ?? null);
  await page.addInitScript(dress, themes[theme]);
  await page.goto(address);

  const asked: DesignPage['asked'] = async (type) => {
    const limit = AbortSignal.timeout(30_000);
    for (;;) {
      const found = said.find((message) => message.type === type);
      if (found) return found as never;
      await new Promise<void>((resolve, reject) => {
        waiting.add(resolve);
        limit.addEventListener('abort', () => reject(new Error(`The page did not ask for ${type}: ${JSON.stringify(said)}`)));
      });
    }
  };
  await asked('ready');
  const opened: DesignPage = {
    page,
    said,
    complaints,
    asked,
    field: (label) => page.getByRole('combobox', { name: label, exact: true }).or(page.getByRole('textbox', { name: label })),
    tell: (message) => page.evaluate((data) => void window.postMessage(data, '*'), message),
    choose: async (label, choice) => {
      const combobox = page.getByRole('combobox', { name: label, exact: true });
      await combobox.focus();
      await page.keyboard.press('Enter');
      const option = page.getByRole('option', { name: choice, exact: true });
      await option.waitFor();
      await option.click();
    },
    tab: async (title) => {
      await page.getByRole('tab', { name: title, exact: true }).click();
      await page.getByRole('tabpanel', { name: title, exact: true }).waitFor();
    },
    reload: async () => {
      said.length = 0;
      await page.reload();
      await asked('ready');
    },
    picture: async (name) => void (await page.screenshot({ path: path.join(pictures, `${name}.png`) })),
  };
  return opened;
}

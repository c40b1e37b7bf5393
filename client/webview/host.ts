/** The page's end of the line to the extension, and the state that VS Code keeps for the page while it is not shown. */
import { isToPage, type ToExtension, type ToPage } from './messages';

interface WebviewApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): WebviewApi;

/** The line to the extension. */
export interface Line {
  say(message: ToExtension): void;
  /** What was kept; undefined the first time. It comes from outside: check it. */
  kept(): unknown;
  keep(state: unknown): void;
}

/** Opens the line; messages that are not of ours are dropped. */
export function openLine(hear: (message: ToPage) => void): Line {
  const api = acquireVsCodeApi();
  window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (isToPage(data)) hear(data);
  });
  return { say: (message) => api.postMessage(message), kept: () => api.getState(), keep: (state) => api.setState(state) };
}

/** Text on terminals: colours only where they are wanted, and nothing that would steer the terminal. */
import pc from 'picocolors';

/** The functions of picocolors, which do nothing where there is no colour. */
export type Colours = ReturnType<typeof pc.createColors>;

/** `NO_COLOR` forbids colours, `FORCE_COLOR` asks for them, else a terminal that can show them has them. */
export function coloursFor(stream: { readonly isTTY?: boolean }, env: Readonly<Record<string, string | undefined>>): Colours {
  return pc.createColors(wantsColour(stream, env));
}

export const plain: Colours = pc.createColors(false);

function wantsColour(stream: { readonly isTTY?: boolean }, env: Readonly<Record<string, string | undefined>>): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** The text with its control characters shown instead of obeyed, of the same length; tabs stay. */
export function printable(text: string): string {
  return text.replace(steering, (unit) => {
    const code = unit.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\uFFFD';
  });
}

/** Control characters, and the marks that turn the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const steering = /[\u0000-\u0008\u000A-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** The text on one line. */
export function oneLine(text: string): string {
  return printable(text.replace(/\s*[\r\n]+\s*/g, ' '));
}

/** "Did you mean": the known name that a mistyped one stands for. */
import { distance } from 'fastest-levenshtein';

/** The known name that was probably meant, or undefined when none is near: few letters differ, or it has all the words of `word`. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const lower = word.toLowerCase();
  const parts = lower.split('-').filter((part) => part !== '');
  let best: { readonly name: string; readonly distance: number } | undefined;
  let containing: string | undefined;
  for (const name of known) {
    const away = distance(lower, name.toLowerCase());
    if (away <= Math.max(2, Math.floor(word.length / 4)) && away < (best?.distance ?? word.length)) best = { name, distance: away };
    const nameParts = name.toLowerCase().split('-');
    if (parts.length > 1 && parts.every((part) => nameParts.includes(part))) containing ??= name;
  }
  return best?.name ?? containing;
}

/** ` Did you mean …?` for the end of an error, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const meant = nearest(word, known);
  return meant === undefined ? '' : ` Did you mean \`${meant}\`?`;
}

/** Command lines: one table of flags says what is parsed and what the help shows. */
import { parseArgs } from 'node:util';
import { nearest } from '../../core/nearest';
import { Failure } from './failure';

export interface Flag {
  /** What the value is called in the help; absent for a flag without a value. */
  readonly value?: string;
  readonly repeatable?: boolean;
  /** The value may be left out: then the flag is there without one. */
  readonly optional?: boolean;
  readonly short?: string;
  readonly help: string;
}

export type Flags = Readonly<Record<string, Flag>>;

export interface Parsed {
  readonly positionals: readonly string[];
  has(flag: string): boolean;
  /** The value of a flag; undefined when it is not given. */
  value(flag: string): string | undefined;
  /** Every value of a repeatable flag, in order. */
  values(flag: string): readonly string[];
}

/** Every command has it. */
export const helpFlag: Flags = { help: { short: 'h', help: 'show this help' } };

/** Reads the arguments that follow a command's name. Throws a Failure for a flag that the command does not have or that is used wrongly. */
export function parseArguments(args: readonly string[], flags: Flags): Parsed {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [
      name,
      {
        type: flag.value === undefined ? ('boolean' as const) : ('string' as const),
        multiple: true,
        ...(flag.short && { short: flag.short }),
      },
    ]),
  );
  const { tokens } = parseArgs({ args: withEmptyValues(args, flags), options, strict: false, allowPositionals: true, tokens: true });
  const given = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
    if (!flag) throw new Failure(`unknown flag \`${token.rawName}\`.${didYouMean(token.rawName, namesOf(flags))}`);
    const values = given.get(token.name) ?? [];
    if (flag.value === undefined) {
      if (token.value !== undefined) throw new Failure(`\`${token.rawName}\` takes no value, got \`${token.value}\`.`);
    } else {
      const missing = token.value === undefined || token.value === '' || (!token.inlineValue && /^-./.test(token.value));
      if (missing && !flag.optional) throw new Failure(`\`${token.rawName}\` needs a value: \`${token.rawName} ${flag.value}\`.`);
      if (given.has(token.name) && !flag.repeatable) throw new Failure(`\`${token.rawName}\` is given twice.`);
      if (!missing) values.push(token.value as string);
    }
    given.set(token.name, values);
  }
  return {
    positionals,
    has: (flag) => given.has(flag),
    value: (flag) => given.get(flag)?.[0],
    values: (flag) => given.get(flag) ?? [],
  };
}

/** The arguments with every optional value that was left out as an empty one, so that what follows is not taken for it. */
function withEmptyValues(args: readonly string[], flags: Flags): string[] {
  const end = args.indexOf('--');
  return args.map((argument, index) => {
    const name = argument.startsWith('--') && (end < 0 || index < end) ? argument.slice(2) : '';
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    const next = args[index + 1];
    return flag?.optional && (next === undefined || next === '' || next.startsWith('-')) ? `${argument}=` : argument;
  });
}

/** The value of a flag that is one of `choices`, else `fallback`. */
export function choiceOf<T extends string>(parsed: Parsed, flag: string, choices: readonly T[], fallback: T): T {
  const value = parsed.value(flag);
  return value === undefined ? fallback : asChoice(value, choices, `\`--${flag}\``);
}

/** `value` as one of `choices`; `where` begins the sentence of the error. */
export function asChoice<T extends string>(value: string, choices: readonly T[], where: string): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw new Failure(`${where} is one of ${choices.join(', ')}; got \`${value}\`.${didYouMean(value, choices)}`);
  return choice;
}

/** ` Did you mean …?` for the end of an error; nothing when no known word is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return meant === undefined ? '' : ` Did you mean \`${meant}\`?`;
}

/** The flags as lines of a help text, two columns. */
export function describeFlags(flags: Flags): string {
  const rows = Object.entries(flags).map(([name, flag]): readonly [string, string] => [
    `${flag.short ? `-${flag.short}, ` : ''}--${name}${flag.value ? ` ${flag.optional ? `[${flag.value}]` : flag.value}` : ''}`,
    flag.help,
  ]);
  return describeRows(rows);
}

/** Two columns, the second wrapped at its own line breaks. */
export function describeRows(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right.replaceAll('\n', `\n  ${' '.repeat(width)}`)}`).join('\n');
}

function namesOf(flags: Flags): readonly string[] {
  return Object.entries(flags).flatMap(([name, flag]) => (flag.short ? [`--${name}`, `-${flag.short}`] : [`--${name}`]));
}

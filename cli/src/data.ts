/** Data that people write into files: JSON with comments, or YAML; what is wrong with it is shown at its place. */
import path from 'node:path';
import { findNodeAtLocation, getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode, visit } from 'jsonc-parser';
import { isMap, isNode, isScalar, parseDocument } from 'yaml';
import { lineStarts, positionAt } from '../../core/text';
import type { Disk } from './disk';
import { Failure } from './failure';
import { relativePath } from './paths';
import { printable } from './terminal';

/** A value of a file, and where its parts stand. */
export interface Data {
  readonly value: unknown;
  /** Throws a Failure that names every error at its place. A path is as `steps[2].node`; empty for the whole. */
  refuse(errors: readonly { readonly path: string; readonly message: string }[]): never;
}

type Segments = readonly (string | number)[];

interface Parsed {
  readonly value: unknown;
  /** The offset at which a part begins; undefined where there is none. */
  offsetOf(segments: Segments): number | undefined;
}

interface SyntaxError {
  readonly message: string;
  readonly offset: number;
}

/** Reads a file; `what` is what it should hold: `answers`, `a scenario`. Throws a Failure when it cannot be read or parsed. */
export function readData(given: string, what: string, cwd: string, disk: Disk): Data {
  const file = path.resolve(cwd, given);
  const shown = relativePath(cwd, file);
  const parse = parsers[path.extname(file).toLowerCase()];
  if (!parse) throw new Failure(`\`${shown}\` cannot hold ${what}: the name of the file must end in .json, .yaml or .yml.`);
  const source = disk.read(file);
  if (source.kind !== 'text') throw new Failure(`\`${shown}\` cannot be read: ${source.reason}.`);
  const { text } = source;
  if (text.trim() === '') throw new Failure(`\`${shown}\` is empty: expected ${what}.`);
  const starts = lineStarts(text);
  const placeAt = (offset: number): string => {
    const { line, column } = positionAt(starts, offset);
    return `${shown}:${line}:${column}`;
  };
  const parsed = parse(text);
  if ('errors' in parsed) {
    throw new Failure(
      `\`${shown}\` cannot be parsed.\n${parsed.errors.map(({ message, offset }) => `${placeAt(offset)}: ${message}`).join('\n')}`,
    );
  }
  return {
    value: parsed.value,
    refuse(errors) {
      const lines = errors.map((error) => {
        const place = placeAt(nearestOffset(parsed, segmentsOf(error.path)));
        return printable(error.path === '' ? `${place}: ${error.message}` : `${place}: ${error.path}: ${error.message}`);
      });
      throw new Failure(`\`${shown}\` does not hold ${what} that can be used.\n${lines.join('\n')}`);
    },
  };
}

const parsers: Readonly<Record<string, (text: string) => Parsed | { readonly errors: readonly SyntaxError[] }>> = {
  '.json': parseJson,
  '.jsonc': parseJson,
  '.yaml': parseYaml,
  '.yml': parseYaml,
};

/** `steps[2].node` → `steps`, 2, `node`. */
function segmentsOf(errorPath: string): Segments {
  return [...errorPath.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map((match) => (match[1] === undefined ? match[0] : Number(match[1])));
}

/** Where the part stands, or what holds it when it is missing. */
function nearestOffset({ offsetOf }: Parsed, segments: Segments): number {
  for (let length = segments.length; length > 0; length--) {
    const offset = offsetOf(segments.slice(0, length));
    if (offset !== undefined) return offset;
  }
  return offsetOf([]) ?? 0;
}

function parseJson(text: string): Parsed | { readonly errors: readonly SyntaxError[] } {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first || !root)
    return {
      errors: [{ message: first ? `${phrase(printParseErrorCode(first.error))}.` : 'Nothing is here.', offset: first?.offset ?? 0 }],
    };
  const twice = duplicates(text);
  if (twice.length > 0) return { errors: twice };
  return {
    value: getNodeValue(root),
    offsetOf: (segments) => {
      const node = findNodeAtLocation(root, [...segments]);
      return keyOf(node)?.offset ?? node?.offset;
    },
  };
}

/** The key of a member of an object; undefined for other nodes. */
function keyOf(node: Node | undefined): Node | undefined {
  return node?.parent?.type === 'property' ? node.parent.children?.[0] : undefined;
}

/** Keys that an object has twice: of which JSON would take the last without a word. */
function duplicates(text: string): readonly SyntaxError[] {
  const errors: SyntaxError[] = [];
  const open: Set<string>[] = [];
  visit(text, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty: (name, offset) => {
      if (open.at(-1)?.has(name)) errors.push({ message: `The key \`${printable(name)}\` stands here twice.`, offset });
      open.at(-1)?.add(name);
    },
  });
  return errors;
}

/** `CloseBraceExpected` → `Close brace expected`. */
function phrase(code: string): string {
  const words = code.replace(/(?<=.)([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  return /^(InvalidSymbol|PropertyNameExpected|ValueExpected)$/.test(code) ? `${words}: names and texts stand in double quotes` : words;
}

function parseYaml(text: string): Parsed | { readonly errors: readonly SyntaxError[] } {
  const document = parseDocument(text, { prettyErrors: false });
  const errors = [...document.errors, ...document.warnings];
  if (errors.length > 0) return { errors: errors.map(({ message, pos }) => ({ message: message.replace(/\s+/g, ' '), offset: pos[0] })) };
  try {
    return {
      value: document.toJS(),
      offsetOf: (segments) => {
        const last = segments.at(-1);
        const holder = segments.length === 0 ? undefined : document.getIn(segments.slice(0, -1), true);
        const pair = isMap(holder) ? holder.items.find(({ key }) => isScalar(key) && String(key.value) === String(last)) : undefined;
        if (pair && isNode(pair.key)) return pair.key.range?.[0];
        const node = segments.length === 0 ? document.contents : document.getIn(segments, true);
        return isNode(node) ? node.range?.[0] : undefined;
      },
    };
  } catch (error) {
    // Aliases that would grow without end.
    return { errors: [{ message: error instanceof Error ? error.message : String(error), offset: 0 }] };
  }
}

/** Data that people write into files: JSON with comments, or YAML, with the places of its parts. */
import { findNodeAtLocation, getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode, visit } from 'jsonc-parser';
import { isMap, isNode, isScalar, parseDocument } from 'yaml';

/** Where a part stands in its whole: keys and indices. */
type Segments = readonly (string | number)[];

/** A value, and where its parts stand. */
export interface ParsedData {
  readonly value: unknown;
  /** The offset at which a part begins, or what holds it when it is missing. A path is as `steps[2].node`; empty for the whole. */
  offsetOf(path: string): number;
}

/** Something that is not as the format wants it. */
export interface DataError {
  readonly message: string;
  readonly offset: number;
}

interface Parsed {
  readonly value: unknown;
  /** The offset at which a part begins; undefined where there is none. */
  offsetOf(segments: Segments): number | undefined;
}

type Outcome = Parsed | { readonly errors: readonly DataError[] };

/** Parses the text of a file by the ending of its name; undefined for a name that is of neither format. */
export function parseData(name: string, text: string): ParsedData | { readonly errors: readonly DataError[] } | undefined {
  const parse = parsers[/\.[^.]*$/.exec(name)?.[0].toLowerCase() ?? ''];
  if (!parse) return undefined;
  const parsed = parse(text);
  if ('errors' in parsed) return parsed;
  return { value: parsed.value, offsetOf: (path) => nearestOffset(parsed, segmentsOf(path)) };
}

const parsers: Readonly<Record<string, (text: string) => Outcome>> = {
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

function parseJson(text: string): Outcome {
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
function duplicates(text: string): readonly DataError[] {
  const errors: DataError[] = [];
  const open: Set<string>[] = [];
  visit(text, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty: (name, offset) => {
      if (open.at(-1)?.has(name)) errors.push({ message: `The key \`${name}\` stands here twice.`, offset });
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

function parseYaml(text: string): Outcome {
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

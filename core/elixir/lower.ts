/**
 * Syntax tree → IR and definitions, in one walk. After it, nothing knows a tree node.
 *
 * Never throws on any input: what is broken, or nested deeper than `depthLimit`, becomes `unknown`.
 */
import type { FileFacts, FunctionClause, FunctionDef, ModuleDef } from '../facts/facts';
import type { NodeKind, SyntaxNode, SyntaxTree } from '../syntax/node';
import type { Range } from '../text';
import type { Block, Call, Capture, Clause, Expr, List, Pair } from './ir';
import { bareKernelFunctions, callbacks, usedAs } from './kernel';
import { addAlias, addImport, expandAlias, functionScope, inner, resolveLocal, rootScope, type Scope } from './scope';

/** Deeper nesting than this is not code that a person wrote; it also bounds the recursion here and in every walk of the IR. */
const depthLimit = 500;

export type Lowered = Pick<FileFacts, 'modules' | 'script' | 'comments' | 'calls' | 'captures' | 'exprs' | 'owners' | 'broken'>;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Section = 'do' | 'else' | 'rescue' | 'catch' | 'after';
/** The nodes of each section of a block. */
type Sections = Readonly<Record<Section, readonly SyntaxNode[] | undefined>>;

interface ModuleBuilder {
  readonly module: Mutable<ModuleDef>;
  readonly uses: Mutable<ModuleDef['uses'][number]>[];
  readonly behaviours: string[];
  readonly attributes: Map<string, Expr[]>;
  readonly functions: Mutable<FunctionDef>[];
  readonly imports: string[];
  readonly body: Expr[];
}

const definitions: ReadonlySet<string> = new Set([
  'def',
  'defp',
  'defmacro',
  'defmacrop',
  'defdelegate',
  'defguard',
  'defguardp',
  'defn',
  'defnp',
]);
const silentAttributes: ReadonlySet<string> = new Set([
  'spec',
  'type',
  'typep',
  'opaque',
  'callback',
  'macrocallback',
  'doc',
  'moduledoc',
  'typedoc',
  'shortdoc',
  'impl',
  'deprecated',
  'dialyzer',
]);
const schemaMacros: ReadonlySet<string> = new Set(['schema', 'embedded_schema', 'typed_schema', 'typed_embedded_schema']);
/** Their blocks define nothing in the module around them. */
const opaqueBlocks: ReadonlySet<string> = new Set(['defmodule', 'defprotocol', 'defimpl', 'quote']);
const leaves: ReadonlySet<NodeKind> = new Set(['atom', 'alias', 'integer', 'float', 'boolean', 'nil', 'keyword', 'char']);
const sectionOf: Readonly<Partial<Record<NodeKind, Section>>> = {
  else_block: 'else',
  rescue_block: 'rescue',
  catch_block: 'catch',
  after_block: 'after',
};
const hash = 35;
const rangeOf = (node: SyntaxNode): Range => ({ start: node.start, end: node.end });

export function lower({ root, comments, broken }: SyntaxTree, text: string): Lowered {
  const exprs: Expr[] = [];
  const calls = new Map<string, Call[]>();
  const captures = new Map<string, Capture[]>();
  const owners = new Map<number, FunctionClause>();
  const modules: ModuleDef[] = [];
  let builder: ModuleBuilder | undefined;
  let depth = 0;
  /** Highest placeholder (`&2`) seen in the capture that is being lowered. */
  let placeholders = 0;

  const script = lowerScript();
  return {
    modules,
    script,
    comments: comments.map((c) => ({ range: rangeOf(c), text: source(c) })),
    calls,
    captures,
    exprs,
    owners,
    broken,
  };

  // --- nodes

  function source(node: SyntaxNode): string {
    return text.slice(node.start, node.end);
  }

  /** Where the operator between two operands stands; comments may stand there too. */
  function operatorRange(left: SyntaxNode, right: SyntaxNode): Range {
    const limit = right.start;
    let start = left.end;
    while (start < limit && isBlank(text.charCodeAt(start))) start++;
    while (start < limit && text.charCodeAt(start) === hash) {
      const lineEnd = text.indexOf('\n', start);
      start = lineEnd < 0 || lineEnd > limit ? limit : lineEnd;
      while (start < limit && isBlank(text.charCodeAt(start))) start++;
    }
    let end = start;
    while (end < limit && !isBlank(text.charCodeAt(end)) && text.charCodeAt(end) !== hash) end++;
    if (end - start === 3 && text.startsWith('not', start)) {
      const both = /^not[ \t]+in\b/.exec(text.slice(start, limit));
      if (both) end = start + both[0].length;
    }
    return { start, end };
  }

  function operatorBetween(left: SyntaxNode, right: SyntaxNode): string {
    return operatorIn(operatorRange(left, right));
  }

  function operatorIn({ start, end }: Range): string {
    const written = text.slice(start, end);
    return end - start > 'not'.length ? written.replace(/\s+/g, ' ') : written;
  }

  // --- making expressions

  /** Takes an expression up; its `id` is the number of those before it, so that it has to be read after its parts are lowered. */
  function add<E extends Expr>(expr: E): E {
    exprs.push(expr);
    return expr;
  }

  function addCall(range: Range, part: Omit<Call, 'kind' | 'range' | 'id'>): Call {
    const { module, name, args, callee, receiver, piped, local, parens, applied, blocks } = part;
    const key = `${module ?? '?'}.${name}`;
    const call: Call = {
      kind: 'call',
      module,
      name,
      args,
      callee,
      receiver,
      piped,
      local,
      parens,
      applied,
      blocks,
      range,
      id: exprs.length,
    };
    const known = calls.get(key);
    if (known) known.push(call);
    else calls.set(key, [call]);
    return add(call);
  }

  function unknown(node: SyntaxNode, children: readonly Expr[] = []): Expr {
    return add({ kind: 'unknown', children, range: rangeOf(node), id: exprs.length });
  }

  /** The expressions that the nodes are. */
  function lowerAll(nodes: readonly SyntaxNode[], scope: Scope): Expr[] {
    const lowered: Expr[] = [];
    for (const node of nodes) {
      const expr = lowerExpr(node, scope);
      if (expr) lowered.push(expr);
    }
    return lowered;
  }

  function block(nodes: readonly SyntaxNode[], range: Range, scope: Scope): Expr {
    const body = lowerAll(nodes, scope);
    const only = body[0];
    return only && body.length === 1 ? only : add({ kind: 'block', body, keyword: undefined, range, id: exprs.length });
  }

  // --- expressions

  /** The expression, or undefined for what is not code: definitions, directives, docs. */
  function lowerExpr(node: SyntaxNode, scope: Scope): Expr | undefined {
    if (depth >= depthLimit) return unknown(node);
    depth++;
    try {
      return lowerNode(node, scope);
    } finally {
      depth--;
    }
  }

  function value(node: SyntaxNode, scope: Scope): Expr {
    return lowerExpr(node, scope) ?? unknown(node);
  }

  /** A pattern: its identifiers are bindings. */
  function pattern(node: SyntaxNode, scope: Scope): Expr {
    bind(node, scope);
    return value(node, scope);
  }

  function bind(node: SyntaxNode, scope: Scope): void {
    if (node.kind === 'identifier') {
      scope.variables.add(source(node));
      return;
    }
    const stack: SyntaxNode[] = [node];
    for (let next = stack.pop(); next; next = stack.pop()) {
      if (next.kind === 'identifier') scope.variables.add(source(next));
      else if (leaves.has(next.kind)) continue;
      else if (next.kind !== 'call' && next.kind !== 'string' && next.kind !== 'dot') for (const kid of next.kids) stack.push(kid);
      else if (next.kind === 'call') for (const child of next.kids) if (child.kind === 'arguments') stack.push(child);
    }
  }

  function lowerNode(node: SyntaxNode, scope: Scope): Expr | undefined {
    const range = rangeOf(node);
    switch (node.kind) {
      case 'identifier':
        return identifier(node, range, scope);
      case 'call':
        return lowerCall(node, range, scope, undefined);
      case 'binary_operator':
        return binaryOperator(node, range, scope);
      case 'unary_operator':
        return unaryOperator(node, range, scope);
      case 'alias':
        return add({ kind: 'alias', name: expandAlias(scope, source(node)), range, id: exprs.length });
      case 'atom':
        return add({ kind: 'atom', value: source(node).slice(1), range, id: exprs.length });
      case 'quoted_atom': {
        const text = stringParts(node, scope);
        // An atom with interpolation is only known when it runs.
        if (text.some((part) => typeof part !== 'string'))
          return unknown(
            node,
            text.filter((part): part is Expr => typeof part !== 'string'),
          );
        return add({ kind: 'atom', value: text.join(''), range, id: exprs.length });
      }
      case 'nil':
      case 'boolean':
        return add({ kind: 'atom', value: source(node), range, id: exprs.length });
      case 'keyword':
      case 'quoted_keyword':
        return add({ kind: 'atom', value: keywordName(node), range, id: exprs.length });
      case 'integer':
        return add({ kind: 'integer', value: Number(source(node).replaceAll('_', '').toLowerCase()), range, id: exprs.length });
      case 'float':
        return add({ kind: 'float', value: Number(source(node).replaceAll('_', '')), range, id: exprs.length });
      case 'char':
        return add({ kind: 'integer', value: source(node).codePointAt(1) ?? 0, range, id: exprs.length });
      case 'string':
      case 'charlist':
        return add({ kind: node.kind, parts: stringParts(node, scope), range, id: exprs.length });
      case 'sigil':
        return sigil(node, range, scope);
      case 'tuple':
        return add({ kind: 'tuple', items: items(node.kids, scope), range, id: exprs.length });
      case 'list':
        return list(node, range, scope);
      case 'bitstring':
        return add({ kind: 'bitstring', items: items(node.kids, scope), range, id: exprs.length });
      case 'map':
        return map(node, range, scope);
      case 'keywords':
        return add({ kind: 'list', items: node.kids.map((p) => pair(p, scope)), tail: undefined, bare: true, range, id: exprs.length });
      case 'pair':
        return pair(node, scope);
      case 'access_call': {
        const [subject, key] = node.kids;
        if (!subject || !key) return unknown(node);
        return add({ kind: 'access', subject: value(subject, scope), key: value(key, scope), range, id: exprs.length });
      }
      case 'dot':
        return dot(node, range, scope);
      case 'block': {
        const inside = node.kids;
        const clauses = inside.filter((n) => n.kind === 'stab_clause');
        if (clauses.length > 0)
          return add({ kind: 'fn', clauses: clauses.map((c) => stabClause(c, scope)), capture: false, range, id: exprs.length });
        return block(inside, range, scope);
      }
      case 'body':
        return block(node.kids, range, scope);
      case 'anonymous_function': {
        const clauses = node.kids.filter((n) => n.kind === 'stab_clause');
        return add({ kind: 'fn', clauses: clauses.map((c) => stabClause(c, scope)), capture: false, range, id: exprs.length });
      }
      case 'stab_clause':
        return stabClause(node, scope);
      case 'interpolation':
        return block(node.kids, range, scope);
      default:
        return unknown(
          node,
          node.kids.flatMap((n) => lowerExpr(n, inner(scope)) ?? []),
        );
    }
  }

  function items(nodes: readonly SyntaxNode[], scope: Scope): Expr[] {
    return nodes.map((n) => value(n, scope));
  }

  function keywordName(node: SyntaxNode): string {
    const raw = source(node).trimEnd();
    return raw.startsWith('"') ? raw.slice(1, raw.lastIndexOf('"')) : raw.slice(0, -1);
  }

  function pair(node: SyntaxNode, scope: Scope): Pair {
    const range = rangeOf(node);
    const [key, val] = node.kids;
    if (node.kind === 'pair' && key && val) {
      const at = rangeOf(key);
      const end = at.start + source(key).trimEnd().length;
      const atom = add({ kind: 'atom', value: keywordName(key), range: { start: at.start, end }, id: exprs.length });
      return add({ kind: 'pair', key: atom, value: value(val, scope), range, id: exprs.length });
    }
    if (node.kind === 'binary_operator' && key && val && operatorBetween(key, val) === '=>') {
      return add({ kind: 'pair', key: value(key, scope), value: value(val, scope), range, id: exprs.length });
    }
    const broken = unknown(node);
    return add({ kind: 'pair', key: broken, value: unknown(node), range, id: exprs.length });
  }

  function stringParts(node: SyntaxNode, scope: Scope): (string | Expr)[] {
    const result: (string | Expr)[] = [];
    for (const child of node.kids) {
      if (child.kind === 'interpolation') result.push(block(child.kids, rangeOf(child), scope));
      else {
        const piece = child.kind === 'escape_sequence' ? unescaped(source(child)) : source(child);
        const last = result.length - 1;
        if (typeof result[last] === 'string') result[last] += piece;
        else result.push(piece);
      }
    }
    return result;
  }

  function unescaped(sequence: string): string {
    const known: Record<string, string> = { n: '\n', t: '\t', r: '\r', s: ' ', '0': '\0', e: '\x1b' };
    const letter = sequence[1] ?? '';
    return sequence.length === 2 ? (known[letter] ?? letter) : sequence;
  }

  function sigil(node: SyntaxNode, range: Range, scope: Scope): Expr {
    let name = '';
    let modifiers = '';
    let body = '';
    const inside: Expr[] = [];
    for (const child of node.kids) {
      if (child.kind === 'sigil_name') name = source(child);
      else if (child.kind === 'sigil_modifiers') modifiers = source(child);
      else if (child.kind === 'interpolation') inside.push(block(child.kids, rangeOf(child), scope));
      else body += source(child);
    }
    if (name === 'c') return add({ kind: 'charlist', parts: inside.length > 0 ? [body, ...inside] : [body], range, id: exprs.length });
    if (name === 'w' && inside.length === 0) {
      const words = body.split(/\s+/).filter((w) => w !== '');
      const item = (w: string): Expr =>
        modifiers === 'a'
          ? add({ kind: 'atom', value: w, range, id: exprs.length })
          : add({ kind: modifiers === 'c' ? 'charlist' : 'string', parts: [w], range, id: exprs.length });
      return add({ kind: 'list', items: words.map(item), range, id: exprs.length });
    }
    return add({ kind: 'sigil', name, text: body, modifiers, parts: inside, range, id: exprs.length });
  }

  function list(node: SyntaxNode, range: Range, scope: Scope): Expr {
    const inside: Expr[] = [];
    let tail: Expr | undefined;
    for (const child of node.kids) {
      if (child.kind === 'keywords') inside.push(...child.kids.map((p) => pair(p, scope)));
      else if (child.kind === 'binary_operator') {
        const [left, right] = child.kids;
        if (left && right && operatorBetween(left, right) === '|') {
          inside.push(value(left, scope));
          tail = value(right, scope);
        } else inside.push(value(child, scope));
      } else inside.push(value(child, scope));
    }
    return add({ kind: 'list', items: inside, tail, bare: undefined, range, id: exprs.length });
  }

  function map(node: SyntaxNode, range: Range, scope: Scope): Expr {
    let struct: Expr | undefined;
    let base: Expr | undefined;
    const pairs: Pair[] = [];
    const addPair = (n: SyntaxNode): void => {
      if (n.kind === 'keywords') pairs.push(...n.kids.map((p) => pair(p, scope)));
      else pairs.push(pair(n, scope));
    };
    for (const child of node.kids) {
      if (child.kind === 'struct') {
        const inside = child.kids[0];
        if (inside) struct = value(inside, scope);
        continue;
      }
      for (const entry of child.kind === 'map_content' ? child.kids : [child]) {
        const [left, right] = entry.kind === 'binary_operator' ? entry.kids : [];
        const operator = left && right ? operatorBetween(left, right) : '';
        if (left && right && operator === '|') {
          base = value(left, scope);
          addPair(right);
        } else if (left && right && operator === '=>' && left.kind === 'binary_operator') {
          const [from, key] = left.kids;
          if (from && key && operatorBetween(from, key) === '|') {
            base = value(from, scope);
            pairs.push(add({ kind: 'pair', key: value(key, scope), value: value(right, scope), range: rangeOf(entry), id: exprs.length }));
          } else addPair(entry);
        } else addPair(entry);
      }
    }
    return add({ kind: 'map', pairs, struct, base, range, id: exprs.length });
  }

  function identifier(node: SyntaxNode, range: Range, scope: Scope): Expr {
    const name = source(node);
    if (name === '__MODULE__' && scope.module) return add({ kind: 'alias', name: scope.module, range, id: exprs.length });
    if (range.start === range.end) return unknown(node);
    if (!scope.variables.has(name)) {
      const own = scope.locals.get(name)?.has(0) === true;
      if (own || bareKernelFunctions.has(name) || endsInMark(name)) {
        return addCall(range, { module: resolveLocal(scope, name, 0), name, args: [], callee: range, piped: false, local: true });
      }
    }
    return add({ kind: 'variable', name, range, id: exprs.length });
  }

  function binaryOperator(node: SyntaxNode, range: Range, scope: Scope): Expr {
    const left = node.kids[0];
    const right = node.kids[1];
    if (!left || !right || node.kids.length > 2) {
      return unknown(node, lowerAll(node.kids, scope));
    }
    const written = operatorRange(left, right);
    const operator = operatorIn(written);
    switch (operator) {
      case '=': {
        const val = value(right, scope);
        return add({ kind: 'match', pattern: pattern(left, scope), value: val, range, id: exprs.length });
      }
      case '<-': {
        const val = value(right, scope);
        const [bare, guard] = left.kind === 'binary_operator' ? splitGuard(left) : [left, undefined];
        const pat = pattern(bare, scope);
        return add({ kind: 'arrow', pattern: pat, value: val, guard: guard && value(guard, scope), range, id: exprs.length });
      }
      case '|>':
        return pipe(left, right, range, scope);
      case '::':
        return value(left, scope);
      default:
        return add({
          kind: 'binary',
          operator,
          left: value(left, scope),
          right: value(right, scope),
          operatorRange: written,
          range,
          id: exprs.length,
        });
    }
  }

  function splitGuard(node: SyntaxNode): [SyntaxNode, SyntaxNode | undefined] {
    const [left, right] = node.kids;
    return node.kind === 'binary_operator' && left && right && operatorBetween(left, right) === 'when' ? [left, right] : [node, undefined];
  }

  function pipe(left: SyntaxNode, right: SyntaxNode, range: Range, scope: Scope): Expr {
    const first = value(left, scope);
    switch (right.kind) {
      case 'call':
        return lowerCall(right, range, scope, first) ?? unknown(right, [first]);
      case 'identifier': {
        const name = source(right);
        const module = resolveLocal(scope, name, 1);
        return addCall(range, {
          name,
          args: [first],
          callee: rangeOf(right),
          piped: true,
          local: true,
          module,
        });
      }
      case 'anonymous_function':
        return add({ kind: 'apply', fun: value(right, scope), args: [first], range, id: exprs.length });
      default:
        return unknown(right, [first, value(right, scope)]);
    }
  }

  function unaryOperator(node: SyntaxNode, range: Range, scope: Scope): Expr | undefined {
    const operand = node.kids[0];
    if (!operand) return unknown(node);
    const operator = text.slice(node.start, operand.start).trim();
    if (operator === '@') return attribute(operand, range, scope);
    if (operator === '&') return capture(operand, range, scope);
    const inside = value(operand, scope);
    if (operator === '-' && (inside.kind === 'integer' || inside.kind === 'float')) {
      return add({ kind: inside.kind, value: -inside.value, range, id: exprs.length });
    }
    return add({ kind: 'unary', operator, operand: inside, range, id: exprs.length });
  }

  function attribute(operand: SyntaxNode, range: Range, scope: Scope): Expr | undefined {
    if (operand.kind === 'identifier') return add({ kind: 'attribute', name: source(operand), range, id: exprs.length });
    if (operand.kind !== 'call') return unknown(operand);
    const [target, args] = operand.kids;
    if (target?.kind !== 'identifier' || args?.kind !== 'arguments') return unknown(operand);
    const name = source(target);
    if (silentAttributes.has(name)) return undefined;
    const argument = args.kids[0];
    if (!argument) return undefined;
    const val = value(argument, scope);
    if (name === 'behaviour' && builder) {
      const module = moduleName(val);
      if (module !== undefined) builder.behaviours.push(module);
      return undefined;
    }
    const constant = moduleName(val);
    if (constant !== undefined) scope.moduleAttributes.set(name, constant);
    else scope.moduleAttributes.delete(name);
    const write = add({ kind: 'attribute-write', name, value: val, range, id: exprs.length });
    if (builder) {
      const writes = builder.attributes.get(name);
      if (writes) writes.push(val);
      else builder.attributes.set(name, [val]);
    }
    return write;
  }

  function capture(operand: SyntaxNode, range: Range, scope: Scope): Expr {
    if (operand.kind === 'integer') {
      const index = Number(source(operand));
      placeholders = Math.max(placeholders, index);
      return add({ kind: 'variable', name: `&${index}`, range, id: exprs.length });
    }
    if (operand.kind === 'binary_operator') {
      const [left, right] = operand.kids;
      if (left && right?.kind === 'integer' && operatorBetween(left, right) === '/') {
        const named = captureOf(left, Number(source(right)), range, scope);
        if (named) return named;
      }
    }
    const outer = placeholders;
    placeholders = 0;
    const body = value(operand, scope);
    const params: Expr[] = [];
    for (let i = 1; i <= Math.min(placeholders, 255); i++) params.push(add({ kind: 'variable', name: `&${i}`, range, id: exprs.length }));
    placeholders = outer;
    const clause = add({ kind: 'clause', patterns: params, guard: undefined, body, range, id: exprs.length });
    return add({ kind: 'fn', clauses: [clause], capture: true, range, id: exprs.length });
  }

  function captureOf(target: SyntaxNode, arity: number, range: Range, scope: Scope): Expr | undefined {
    if (target.kind === 'identifier') {
      const name = source(target);
      return makeCapture(range, name, arity, resolveLocal(scope, name, arity));
    }
    if (target.kind !== 'call') return undefined;
    const [dotted, args] = target.kids;
    if (dotted?.kind !== 'dot' || (args && args.kids.length > 0)) return undefined;
    const [receiver, name] = dotted.kids;
    if (!receiver || !name) return undefined;
    const lowered = value(receiver, scope);
    return makeCapture(range, functionName(name), arity, receiverModule(lowered, scope), lowered);
  }

  function makeCapture(range: Range, name: string, arity: number, module: string | undefined, receiver?: Expr): Capture {
    const dynamic = module === undefined ? receiver : undefined;
    const made = add({ kind: 'capture', module, receiver: dynamic, name, arity, range, id: exprs.length });
    const key = `${module ?? '?'}.${name}`;
    const known = captures.get(key);
    if (known) known.push(made);
    else captures.set(key, [made]);
    return made;
  }

  function functionName(node: SyntaxNode): string {
    const raw = source(node);
    return raw.startsWith('"') ? raw.slice(1, -1) : raw;
  }

  function moduleName(expr: Expr): string | undefined {
    if (expr.kind === 'alias') return expr.name;
    if (expr.kind === 'atom' && expr.value !== 'nil' && expr.value !== 'true' && expr.value !== 'false') {
      return expr.value.startsWith('Elixir.') ? expr.value.slice('Elixir.'.length) : `:${expr.value}`;
    }
    return undefined;
  }

  function receiverModule(receiver: Expr, scope: Scope): string | undefined {
    return receiver.kind === 'attribute' ? scope.moduleAttributes.get(receiver.name) : moduleName(receiver);
  }

  function dot(node: SyntaxNode, range: Range, scope: Scope): Expr {
    const [left, right] = node.kids;
    if (left && right?.kind === 'alias') {
      const module = moduleName(value(left, scope));
      if (module !== undefined) return add({ kind: 'alias', name: `${module}.${source(right)}`, range, id: exprs.length });
    }
    return unknown(
      node,
      lowerAll(
        node.kids.filter((n) => n.kind !== 'tuple'),
        scope,
      ),
    );
  }

  // --- calls

  function lowerCall(node: SyntaxNode, range: Range, scope: Scope, piped: Expr | undefined): Expr | undefined {
    const inside = node.kids;
    const target = inside[0];
    if (!target) return unknown(node);
    let argsNode: SyntaxNode | undefined;
    let doNode: SyntaxNode | undefined;
    for (const child of inside) {
      if (child === target) continue;
      if (child.kind === 'arguments') argsNode = child;
      else if (child.kind === 'do_block') doNode = child;
    }
    if (target.kind === 'identifier') {
      const special = specialForm(source(target), node, range, argsNode, doNode, scope, piped);
      if (special !== notSpecial) return special;
    }
    const args = argsNode ? items(argsNode.kids, scope) : [];
    if (piped) args.unshift(piped);
    const blocks = doNode ? doBlocks(doNode, scope) : undefined;
    const callee = rangeOf(target);
    const isPiped = piped !== undefined;
    const parens = parensOf(argsNode);
    if (target.kind === 'identifier') {
      const name = source(target);
      const module = resolveLocal(scope, name, args.length + (blocks ? 1 : 0)) ?? resolveLocal(scope, name, args.length);
      const applied = name === 'apply' && module === 'Kernel' ? appliedCall(range, callee, args, scope) : undefined;
      if (applied) return applied;
      if (schemaMacros.has(name) && builder) builder.module.schema = true;
      return addCall(range, { module, name, args, callee, piped: isPiped, local: true, parens, blocks });
    }
    if (target.kind === 'dot') {
      const [receiverNode, nameNode] = target.kids;
      if (!receiverNode) return unknown(node);
      const receiver = value(receiverNode, scope);
      if (!nameNode) return add({ kind: 'apply', fun: receiver, args, range, id: exprs.length });
      const name = functionName(nameNode);
      const module = receiverModule(receiver, scope);
      if (module === undefined && !argsNode && !piped && !blocks)
        return add({ kind: 'field', subject: receiver, name, range, id: exprs.length });
      const unresolved = module === undefined ? receiver : undefined;
      const applied = module === ':erlang' && name === 'apply' ? appliedCall(range, callee, args, scope) : undefined;
      if (applied) return applied;
      return addCall(range, { module, name, args, callee, receiver: unresolved, piped: isPiped, local: false, parens, blocks });
    }
    return add({ kind: 'apply', fun: value(target, scope), args, range, id: exprs.length });
  }

  function parensOf(argsNode: SyntaxNode | undefined): Range | undefined {
    if (!argsNode || text[argsNode.start] !== '(') return undefined;
    return { start: argsNode.start + 1, end: Math.max(argsNode.start + 1, argsNode.end - 1) };
  }

  /** `apply(Module, :name, [arguments])` is the call itself. */
  function appliedCall(range: Range, callee: Range, args: readonly Expr[], scope: Scope): Expr | undefined {
    const [module, name, list] = args;
    if (!module || name?.kind !== 'atom' || list?.kind !== 'list' || list.tail) return undefined;
    const resolved = receiverModule(module, scope);
    if (resolved === undefined) return undefined;
    return addCall(range, { name: name.value, module: resolved, args: list.items, callee, piped: false, local: false, applied: true });
  }

  function doBlocks(node: SyntaxNode, scope: Scope): Block[] {
    const main: SyntaxNode[] = [];
    const others: Block[] = [];
    for (const child of node.kids) {
      const keyword = sectionOf[child.kind];
      if (keyword) {
        const body = lowerAll(child.kids, scope);
        others.push(add({ kind: 'block', body, keyword, range: rangeOf(child), id: exprs.length }));
      } else main.push(child);
    }
    const inside = inner(scope);
    const body = lowerAll(main, inside);
    return [add({ kind: 'block', body, keyword: 'do', range: rangeOf(node), id: exprs.length }), ...others];
  }

  /** The nodes of a block given as `do … end` or as `do: …`, by keyword. */
  function sections(
    argsNode: SyntaxNode | undefined,
    doNode: SyntaxNode | undefined,
  ): { args: readonly SyntaxNode[]; blocks: Sections; options: readonly SyntaxNode[] } {
    const blocks: Mutable<Sections> = { do: undefined, else: undefined, rescue: undefined, catch: undefined, after: undefined };
    const options: SyntaxNode[] = [];
    let args = argsNode ? argsNode.kids : [];
    const last = args.at(-1);
    if (last?.kind === 'keywords') {
      args = args.slice(0, -1);
      for (const entry of last.kids) {
        const [key, val] = entry.kids;
        const name = key ? keywordName(key) : '';
        if (val && isSection(name)) blocks[name] = clausesIn(val);
        else options.push(entry);
      }
    }
    if (doNode) {
      let main = doNode.kids;
      if (main.some((child) => sectionOf[child.kind])) {
        for (const child of main) {
          const section = sectionOf[child.kind];
          if (section) blocks[section] = child.kids;
        }
        main = main.filter((child) => !sectionOf[child.kind]);
      }
      blocks.do = main;
    }
    return { args, blocks, options };
  }

  /** `else: (_ -> x)` is a block of clauses. */
  function clausesIn(node: SyntaxNode): readonly SyntaxNode[] {
    if (node.kind !== 'block') return [node];
    const inside = node.kids;
    return inside.some((n) => n.kind === 'stab_clause') ? inside : [node];
  }

  function specialForm(
    name: string,
    node: SyntaxNode,
    range: Range,
    argsNode: SyntaxNode | undefined,
    doNode: SyntaxNode | undefined,
    scope: Scope,
    piped: Expr | undefined,
  ): Expr | undefined | typeof notSpecial {
    switch (name) {
      case 'defmodule':
      case 'defprotocol':
      case 'defimpl':
        return argsNode && !piped ? defmodule(name, node, argsNode, doNode, scope) : notSpecial;
      case 'alias':
        return argsNode && !piped ? aliasDirective(argsNode, scope) : notSpecial;
      case 'require':
        return argsNode && !piped ? aliasDirective(argsNode, scope, true) : notSpecial;
      case 'import':
        return argsNode && !piped ? importDirective(argsNode, scope) : notSpecial;
      case 'use':
        return argsNode && !piped ? useDirective(argsNode, range, scope) : notSpecial;
      case 'defstruct':
        return argsNode && builder && !piped ? defstruct(argsNode, scope, builder) : notSpecial;
      case 'quote':
        return argsNode || doNode ? add({ kind: 'quote', range, id: exprs.length }) : notSpecial;
      case 'case':
        return caseForm(range, argsNode, doNode, scope, piped);
      case 'cond':
        return doNode ? add({ kind: 'cond', clauses: clauses(doNode.kids, scope, true), range, id: exprs.length }) : notSpecial;
      case 'if':
      case 'unless':
        return ifForm(name, range, argsNode, doNode, scope, piped);
      case 'with':
        return argsNode && !piped ? withForm(range, argsNode, doNode, scope) : notSpecial;
      case 'for':
        return argsNode && !piped ? forForm(range, argsNode, doNode, scope) : notSpecial;
      case 'receive':
        return doNode ? receiveForm(range, doNode, scope) : notSpecial;
      case 'try': {
        const { blocks } = sections(argsNode, doNode);
        return blocks.do && !piped ? tryForm(range, blocks, scope) : notSpecial;
      }
      default:
        return definitions.has(name) && argsNode && builder && !piped ? definition(name, node, argsNode, doNode, scope) : notSpecial;
    }
  }

  // --- branches

  function caseForm(range: Range, argsNode: SyntaxNode | undefined, doNode: SyntaxNode | undefined, scope: Scope, piped: Expr | undefined) {
    const { args, blocks } = sections(argsNode, doNode);
    const subjectNode = args[0];
    const subject = piped ?? (subjectNode ? value(subjectNode, scope) : undefined);
    const inside = blocks.do;
    if (!subject || !inside) return notSpecial;
    return add({ kind: 'case', subject, clauses: clauses(inside, scope), range, id: exprs.length });
  }

  function ifForm(
    name: string,
    range: Range,
    argsNode: SyntaxNode | undefined,
    doNode: SyntaxNode | undefined,
    scope: Scope,
    piped: Expr | undefined,
  ) {
    const { args, blocks } = sections(argsNode, doNode);
    const first = args[0];
    const condition = piped ?? (first ? value(first, scope) : undefined);
    const inside = blocks.do;
    if (!condition || !inside) return notSpecial;
    const main = sectionBlock(inside, range, scope);
    const other = blocks.else;
    const otherwise = other ? sectionBlock(other, range, scope) : undefined;
    const unless = name === 'unless';
    const [onTrue, onFalse] = unless ? [otherwise, main] : [main, otherwise];
    return add({
      kind: 'if',
      condition,
      unless,
      consequent: onTrue,
      alternative: onFalse,
      range,
      id: exprs.length,
    });
  }

  function sectionBlock(nodes: readonly SyntaxNode[], fallback: Range, scope: Scope): Expr {
    const first = nodes[0];
    const last = nodes.at(-1);
    const range = first && last ? { start: first.start, end: last.end } : { start: fallback.end, end: fallback.end };
    return block(nodes, range, inner(scope));
  }

  function withForm(range: Range, argsNode: SyntaxNode, doNode: SyntaxNode | undefined, scope: Scope) {
    const { args, blocks } = sections(argsNode, doNode);
    const inside = blocks.do;
    if (!inside) return notSpecial;
    const own = inner(scope);
    const steps = args.map((a) => value(a, own));
    const body = sectionBlock(inside, range, own);
    const otherwise = blocks.else;
    return add({ kind: 'with', steps, body, otherwise: otherwise ? clauses(otherwise, scope) : [], range, id: exprs.length });
  }

  function forForm(range: Range, argsNode: SyntaxNode, doNode: SyntaxNode | undefined, scope: Scope) {
    const { args, blocks, options } = sections(argsNode, doNode);
    const inside = blocks.do;
    if (!inside) return notSpecial;
    const own = inner(scope);
    const steps = args.map((a) => value(a, own));
    const settings = options.map((o) => pair(o, own));
    const reduces = inside.some((n) => n.kind === 'stab_clause');
    return add({
      kind: 'for',
      steps,
      options: settings,
      clauses: reduces ? clauses(inside, own) : [],
      body: reduces
        ? add({ kind: 'block', body: [], keyword: undefined, range: { start: range.end, end: range.end }, id: exprs.length })
        : sectionBlock(inside, range, own),
      range,
      id: exprs.length,
    });
  }

  function receiveForm(range: Range, doNode: SyntaxNode, scope: Scope): Expr {
    const main: SyntaxNode[] = [];
    let after: { timeout: Expr; body: Expr } | undefined;
    for (const child of doNode.kids) {
      if (child.kind !== 'after_block') main.push(child);
      else {
        const first = clauses(child.kids, scope, true)[0];
        const timeout = first?.patterns[0];
        if (first && timeout) after = { timeout, body: first.body };
      }
    }
    return add({ kind: 'receive', clauses: clauses(main, scope), after, range, id: exprs.length });
  }

  function tryForm(range: Range, blocks: Sections, scope: Scope): Expr {
    const body = sectionBlock(blocks.do ?? [], range, scope);
    const section = (name: Section): Clause[] => clauses(blocks[name] ?? [], scope);
    const after = blocks.after;
    return add({
      kind: 'try',
      body,
      rescue: section('rescue'),
      catch: section('catch'),
      otherwise: section('else'),
      after: after && sectionBlock(after, range, scope),
      range,
      id: exprs.length,
    });
  }

  /** `conditions`: what stands before the arrow is evaluated, not matched. */
  function clauses(nodes: readonly SyntaxNode[], scope: Scope, conditions = false): Clause[] {
    return nodes.filter((n) => n.kind === 'stab_clause').map((n) => stabClause(n, scope, conditions));
  }

  function stabClause(node: SyntaxNode, scope: Scope, conditions = false): Clause {
    const own = inner(scope);
    const inside = node.kids;
    const bodyNode = inside.find((n) => n.kind === 'body');
    const head = inside.find((n) => n.kind !== 'body');
    let patternNodes: readonly SyntaxNode[] = [];
    let guardNode: SyntaxNode | undefined;
    if (head) {
      const [left, guard] = splitGuard(head);
      guardNode = guard;
      patternNodes = left.kind === 'arguments' ? left.kids : [left];
    }
    const patterns = patternNodes.map((p) => (conditions ? value(p, own) : pattern(p, own)));
    const guard = guardNode ? value(guardNode, own) : undefined;
    const body = bodyNode
      ? block(bodyNode.kids, rangeOf(bodyNode), own)
      : add({ kind: 'block', body: [], keyword: undefined, range: { start: node.end, end: node.end }, id: exprs.length });
    return add({ kind: 'clause', patterns, guard, body, range: rangeOf(node), id: exprs.length });
  }

  // --- directives

  function aliasDirective(argsNode: SyntaxNode, scope: Scope, onlyWithAs = false): undefined {
    const [target, options] = argsNode.kids;
    if (!target) return undefined;
    if (target.kind === 'dot') {
      const [left, right] = target.kids;
      if (left && right?.kind === 'tuple') {
        const base = moduleName(value(left, scope));
        if (base === undefined || onlyWithAs) return undefined;
        for (const member of right.kids) if (member.kind === 'alias') addAlias(scope, `${base}.${source(member)}`);
        return undefined;
      }
    }
    const full = moduleName(value(target, scope));
    if (full === undefined) return undefined;
    const as = options?.kind === 'keywords' ? options.kids.find((p) => source(p).startsWith('as:')) : undefined;
    const short = as ? as.kids[1] : undefined;
    if (short) addAlias(scope, full, source(short));
    else if (!onlyWithAs && !full.startsWith(':')) addAlias(scope, full);
    return undefined;
  }

  function importDirective(argsNode: SyntaxNode, scope: Scope): undefined {
    const [target, options] = argsNode.kids;
    const module = target ? moduleName(value(target, scope)) : undefined;
    if (module === undefined) return undefined;
    builder?.imports.push(module);
    const only = options?.kind === 'keywords' ? options.kids.find((p) => source(p).startsWith('only:')) : undefined;
    const listed = only ? value(only.kids[1] ?? only, scope) : undefined;
    if (listed?.kind === 'list') {
      const names = (listed as List).items.flatMap((p) =>
        p.kind === 'pair' && p.key.kind === 'atom' && p.value.kind === 'integer' ? [`${p.key.value}/${p.value.value}`] : [],
      );
      addImport(scope, module, new Set(names));
    } else addImport(scope, module);
    return undefined;
  }

  function useDirective(argsNode: SyntaxNode, range: Range, scope: Scope): undefined {
    const [target, options] = argsNode.kids;
    const module = target ? moduleName(value(target, scope)) : undefined;
    scope.uses.any = true;
    if (module === undefined || !builder) return undefined;
    const lowered = options ? value(options, scope) : undefined;
    builder.uses.push({ module, range, ...(lowered && { options: lowered }) });
    if (callbacks[module]) builder.behaviours.push(module);
    if (lowered?.kind === 'atom') {
      const behaviour = usedAs[lowered.value];
      if (behaviour !== undefined) builder.behaviours.push(behaviour);
    }
    if (module === 'Ecto.Schema' || module.endsWith('.Schema')) builder.module.schema = true;
    return undefined;
  }

  function defstruct(argsNode: SyntaxNode, scope: Scope, into: ModuleBuilder): undefined {
    const fields = new Map<string, Expr | undefined>();
    const argument = argsNode.kids[0];
    const lowered = argument ? value(argument, scope) : undefined;
    const listed = lowered?.kind === 'attribute' ? into.attributes.get(lowered.name)?.at(-1) : lowered;
    for (const item of listed?.kind === 'list' ? listed.items : []) {
      if (item.kind === 'atom') fields.set(item.value, undefined);
      else if (item.kind === 'pair' && item.key.kind === 'atom') fields.set(item.key.value, item.value);
    }
    into.module.struct = fields;
    return undefined;
  }

  // --- definitions

  function defmodule(kind: string, node: SyntaxNode, argsNode: SyntaxNode, doNode: SyntaxNode | undefined, scope: Scope): undefined {
    const nameNode = argsNode.kids[0];
    if (!nameNode) return undefined;
    const written = nameNode.kind === 'alias' ? source(nameNode) : moduleName(value(nameNode, scope));
    if (written === undefined) return undefined;
    const names = moduleFullNames(kind, written, nameNode, argsNode, scope);
    if (kind !== 'defimpl' && nameNode.kind === 'alias' && scope.module && !written.startsWith('Elixir.')) {
      const first = written.split('.')[0] as string;
      addAlias(scope, `${scope.module}.${first}`, first);
    }
    const body = doNode ? doNode.kids : [];
    for (const name of names) {
      inModule(name, node, rangeOf(nameNode), body, { ...rootScope(), module: name, aliases: scope.aliases, imports: scope.imports });
    }
    return undefined;
  }

  /** The file's code outside of modules. Functions that stand there (a fragment, a page of documentation) are those of a module without a name. */
  function lowerScript(): Expr {
    const scope = rootScope();
    const fragment = new Map<string, Set<number>>();
    collectLocals(root.kids, fragment);
    if (fragment.size === 0) return block(root.kids, rangeOf(root), scope);
    const range = rangeOf(root);
    const body = inModule('', root, { start: range.start, end: range.start }, root.kids, { ...scope, module: '' });
    return add({ kind: 'block', body, range, id: exprs.length });
  }

  function inModule(name: string, node: SyntaxNode, nameRange: Range, statements: readonly SyntaxNode[], scope: Scope): readonly Expr[] {
    const locals = new Map<string, Set<number>>();
    collectLocals(statements, locals);
    const own: ModuleBuilder = {
      module: {
        name,
        range: rangeOf(node),
        nameRange,
        uses: [],
        behaviours: [],
        attributes: new Map(),
        functions: [],
        schema: false,
        imports: [],
        body: [],
      },
      uses: [],
      behaviours: [],
      attributes: new Map(),
      functions: [],
      imports: [],
      body: [],
    };
    const { uses, behaviours, attributes, functions, imports, body } = own;
    Object.assign(own.module, { uses, behaviours, attributes, functions, imports, body });
    modules.push(own.module);
    const outer = builder;
    builder = own;
    const inside: Scope = { ...scope, locals };
    for (const statement of statements) {
      const expr = lowerExpr(statement, inside);
      if (expr) own.body.push(expr);
    }
    nameCallbacks(own);
    builder = outer;
    return own.body;
  }

  /** `defimpl P, for: [A, B]` defines a module for each. */
  function moduleFullNames(kind: string, written: string, nameNode: SyntaxNode, argsNode: SyntaxNode, scope: Scope): readonly string[] {
    if (kind === 'defimpl') {
      const options = argsNode.kids.find((n) => n.kind === 'keywords');
      const forPair = options?.kids.find((p) => source(p).startsWith('for:'));
      const target = forPair?.kids[1] ? value(forPair.kids[1], scope) : undefined;
      const types = target?.kind === 'list' ? target.items.map(moduleName) : [target ? moduleName(target) : scope.module];
      return types.map((type) => `${expandAlias(scope, written)}.${type ?? 'Any'}`);
    }
    if (nameNode.kind !== 'alias' || written.startsWith('Elixir.')) return [written.replace(/^Elixir\./, '')];
    return [scope.module ? `${scope.module}.${written}` : expandAlias(scope, written)];
  }

  /** Names and arities that the statements of a module define, also inside `if` and other blocks. */
  function collectLocals(nodes: readonly SyntaxNode[], locals: Map<string, Set<number>>): void {
    const pending: SyntaxNode[] = [...nodes];
    for (let node = pending.pop(); node; node = pending.pop()) {
      if (node.kind !== 'call') continue;
      const [target] = node.kids;
      if (target?.kind !== 'identifier') continue;
      const keyword = source(target);
      const args = node.kids.find((n) => n.kind === 'arguments');
      if (definitions.has(keyword) && args) {
        const head = headOf(args);
        if (!head) continue;
        const arities = locals.get(head.name) ?? new Set<number>();
        for (let n = head.params.length - head.defaults; n <= head.params.length; n++) arities.add(n);
        locals.set(head.name, arities);
      } else if (!opaqueBlocks.has(keyword)) {
        for (const kid of node.kids.find((n) => n.kind === 'do_block')?.kids ?? []) pending.push(kid);
      }
    }
  }

  interface Head {
    readonly name: string;
    readonly nameNode: SyntaxNode;
    readonly params: readonly SyntaxNode[];
    readonly defaults: number;
    readonly guard?: SyntaxNode;
  }

  function headOf(argsNode: SyntaxNode): Head | undefined {
    const first = argsNode.kids[0];
    if (!first) return undefined;
    const [head, guard] = splitGuard(first);
    const withGuard = guard ? { guard } : {};
    if (head.kind === 'identifier') return { name: source(head), nameNode: head, params: [], defaults: 0, ...withGuard };
    if (head.kind === 'binary_operator') {
      const [left, right] = head.kids;
      if (!left || !right) return undefined;
      return { name: operatorBetween(left, right), nameNode: head, params: [left, right], defaults: 0, ...withGuard };
    }
    if (head.kind === 'unary_operator') {
      const operand = head.kids[0];
      if (!operand) return undefined;
      return {
        name: text.slice(head.start, operand.start).trim(),
        nameNode: head,
        params: [operand],
        defaults: 0,
        ...withGuard,
      };
    }
    if (head.kind !== 'call') return undefined;
    const [target, list] = head.kids;
    if (!target || (target.kind !== 'identifier' && target.kind !== 'call')) return undefined;
    const name = target.kind === 'identifier' ? source(target) : 'unquote';
    const params = list?.kind === 'arguments' ? list.kids : [];
    return { name, nameNode: target, params, defaults: params.filter((p) => defaultOf(p) !== undefined).length, ...withGuard };
  }

  function defaultOf(node: SyntaxNode): [SyntaxNode, SyntaxNode] | undefined {
    if (node.kind !== 'binary_operator') return undefined;
    const [left, right] = node.kids;
    return left && right && operatorBetween(left, right) === '\\\\' ? [left, right] : undefined;
  }

  function definition(keyword: string, node: SyntaxNode, argsNode: SyntaxNode, doNode: SyntaxNode | undefined, scope: Scope): undefined {
    const head = headOf(argsNode);
    if (!head || !builder) return undefined;
    const own = functionScope(scope);
    const kind = definitionKind(keyword);
    const patterns: Expr[] = [];
    const defaults = new Map<number, Expr>();
    for (const [index, param] of head.params.entries()) {
      const split = defaultOf(param);
      patterns.push(pattern(split ? split[0] : param, own));
      if (split) defaults.set(index, value(split[1], scope));
    }
    const guard = head.guard ? value(head.guard, own) : undefined;
    const { blocks } = sections(argsNode, doNode);
    const range = rangeOf(node);
    const main = blocks.do;
    const body =
      kind === 'defdelegate'
        ? delegated(argsNode, head, range, own)
        : !main
          ? add({ kind: 'block', body: [], keyword: undefined, range: { start: range.end, end: range.end }, id: exprs.length })
          : hasOtherSections(blocks)
            ? tryForm(range, blocks, own)
            : sectionBlock(main, range, own);
    const clause = add({ kind: 'clause', patterns, guard, body, range, id: exprs.length });
    const nameRange = rangeOf(head.nameNode);
    const arity = head.params.length;
    let def = builder.functions.find((f) => f.name === head.name && f.arity === arity);
    if (!def) {
      def = { module: builder.module, name: head.name, arity, minArity: arity, kind, clauses: [], nameRange };
      builder.functions.push(def);
    }
    def.minArity = Math.min(def.minArity, arity - head.defaults);
    // A head without a body only names the parameters and their defaults.
    const bodiless = !main && kind !== 'defdelegate' && kind !== 'defguard';
    const functionClause: FunctionClause = { def, clause, nameRange, defaults, oneLine: doNode === undefined };
    if (!bodiless) def.clauses = [...def.clauses, functionClause];
    owners.set(clause.id, functionClause);
    for (const expr of defaults.values()) owners.set(expr.id, functionClause);
    return undefined;
  }

  function definitionKind(keyword: string): FunctionDef['kind'] {
    if (keyword === 'defn') return 'def';
    if (keyword === 'defnp') return 'defp';
    if (keyword === 'defguardp') return 'defguard';
    return keyword as FunctionDef['kind'];
  }

  /** `defdelegate f(x), to: M, as: :g` is the call `M.g(x)`. */
  function delegated(argsNode: SyntaxNode, head: Head, range: Range, scope: Scope): Expr {
    const options = argsNode.kids.find((n) => n.kind === 'keywords');
    const option = (name: string): Expr | undefined => {
      const entry = options ? options.kids.find((p) => source(p).startsWith(`${name}:`)) : undefined;
      const val = entry ? entry.kids[1] : undefined;
      return val ? value(val, scope) : undefined;
    };
    const to = option('to');
    const as = option('as');
    const module = to ? receiverModule(to, scope) : undefined;
    return addCall(range, {
      name: as?.kind === 'atom' ? as.value : head.name,
      args: head.params.map((p) => value(p, scope)),
      callee: rangeOf(head.nameNode),
      piped: false,
      local: false,
      applied: true,
      module,
    });
  }

  function nameCallbacks(own: ModuleBuilder): void {
    for (const def of own.functions) {
      if (def.kind !== 'def') continue;
      for (const behaviour of own.behaviours) {
        for (let arity = def.minArity; arity <= def.arity; arity++) {
          if (callbacks[behaviour]?.has(`${def.name}/${arity}`)) def.callback ??= `${behaviour}.${def.name}/${arity}`;
        }
      }
    }
  }
}

const notSpecial = Symbol('not a special form');

function isSection(name: string): name is Section {
  return name === 'do' || name === 'else' || name === 'rescue' || name === 'catch' || name === 'after';
}

function hasOtherSections(blocks: Sections): boolean {
  return blocks.else !== undefined || blocks.rescue !== undefined || blocks.catch !== undefined || blocks.after !== undefined;
}

/** White space, as `\s` has it. */
function isBlank(unit: number): boolean {
  return unit === 32 || (unit >= 9 && unit <= 13) || (unit >= 160 && /\s/.test(String.fromCharCode(unit)));
}

function endsInMark(name: string): boolean {
  return name.endsWith('?') || name.endsWith('!');
}

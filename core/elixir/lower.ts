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
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type Part = DistributiveOmit<Expr, 'id' | 'range'>;

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

  function between(left: SyntaxNode, right: SyntaxNode): { operator: string; range: Range } {
    const start = left.end;
    const raw = text.slice(start, right.start);
    const match = /^(?:\s|#[^\n]*\n)*([^\s#]+(?:[ \t]+in\b)?)/.exec(raw);
    const operator = match?.[1] ?? raw.trim();
    const at = start + (match ? match[0].length - operator.length : 0);
    return { operator: operator.replace(/\s+/g, ' '), range: { start: at, end: at + operator.length } };
  }

  // --- making expressions

  function make<P extends Part>(range: Range, part: P): Extract<Expr, { kind: P['kind'] }> {
    // The part becomes the expression: copying it would double the allocations of the whole walk.
    const expr = Object.assign(part, { id: exprs.length, range }) as unknown as Extract<Expr, { kind: P['kind'] }>;
    exprs.push(expr);
    return expr;
  }

  function makeCall(range: Range, part: DistributiveOmit<Call, 'id' | 'range' | 'kind'>): Call {
    const call = make(range, Object.assign(part, { kind: 'call' as const }));
    const key = `${call.module ?? '?'}.${call.name}`;
    const known = calls.get(key);
    if (known) known.push(call);
    else calls.set(key, [call]);
    return call;
  }

  function unknown(node: SyntaxNode, children: readonly Expr[] = []): Expr {
    return make(rangeOf(node), { kind: 'unknown', children });
  }

  function block(nodes: readonly SyntaxNode[], range: Range, scope: Scope): Expr {
    const body: Expr[] = [];
    for (const node of nodes) {
      const expr = lowerExpr(node, scope);
      if (expr) body.push(expr);
    }
    const only = body[0];
    return only && body.length === 1 ? only : make(range, { kind: 'block', body });
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
        return make(range, { kind: 'alias', name: expandAlias(scope, source(node)) });
      case 'atom':
        return make(range, { kind: 'atom', value: source(node).slice(1) });
      case 'quoted_atom': {
        const text = stringParts(node, scope);
        // An atom with interpolation is only known when it runs.
        if (text.some((part) => typeof part !== 'string'))
          return unknown(
            node,
            text.filter((part): part is Expr => typeof part !== 'string'),
          );
        return make(range, { kind: 'atom', value: text.join('') });
      }
      case 'nil':
      case 'boolean':
        return make(range, { kind: 'atom', value: source(node) });
      case 'keyword':
      case 'quoted_keyword':
        return make(range, { kind: 'atom', value: keywordName(node) });
      case 'integer':
        return make(range, { kind: 'integer', value: Number(source(node).replaceAll('_', '').toLowerCase()) });
      case 'float':
        return make(range, { kind: 'float', value: Number(source(node).replaceAll('_', '')) });
      case 'char':
        return make(range, { kind: 'integer', value: source(node).codePointAt(1) ?? 0 });
      case 'string':
      case 'charlist':
        return make(range, { kind: node.kind, parts: stringParts(node, scope) });
      case 'sigil':
        return sigil(node, range, scope);
      case 'tuple':
        return make(range, { kind: 'tuple', items: items(node.kids, scope) });
      case 'list':
        return list(node, range, scope);
      case 'bitstring':
        return make(range, { kind: 'bitstring', items: items(node.kids, scope) });
      case 'map':
        return map(node, range, scope);
      case 'keywords':
        return make(range, { kind: 'list', items: node.kids.map((p) => pair(p, scope)), bare: true });
      case 'pair':
        return pair(node, scope);
      case 'access_call': {
        const [subject, key] = node.kids;
        if (!subject || !key) return unknown(node);
        return make(range, { kind: 'access', subject: value(subject, scope), key: value(key, scope) });
      }
      case 'dot':
        return dot(node, range, scope);
      case 'block': {
        const inside = node.kids;
        const clauses = inside.filter((n) => n.kind === 'stab_clause');
        if (clauses.length > 0) return make(range, { kind: 'fn', clauses: clauses.map((c) => stabClause(c, scope)), capture: false });
        return block(inside, range, scope);
      }
      case 'body':
        return block(node.kids, range, scope);
      case 'anonymous_function': {
        const clauses = node.kids.filter((n) => n.kind === 'stab_clause');
        return make(range, { kind: 'fn', clauses: clauses.map((c) => stabClause(c, scope)), capture: false });
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
      const atom = make({ start: at.start, end }, { kind: 'atom', value: keywordName(key) });
      return make(range, { kind: 'pair', key: atom, value: value(val, scope) });
    }
    if (node.kind === 'binary_operator' && key && val && between(key, val).operator === '=>') {
      return make(range, { kind: 'pair', key: value(key, scope), value: value(val, scope) });
    }
    const broken = unknown(node);
    return make(range, { kind: 'pair', key: broken, value: unknown(node) });
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
    if (name === 'c') return make(range, { kind: 'charlist', parts: inside.length > 0 ? [body, ...inside] : [body] });
    if (name === 'w' && inside.length === 0) {
      const words = body.split(/\s+/).filter((w) => w !== '');
      const item = (w: string): Expr =>
        modifiers === 'a'
          ? make(range, { kind: 'atom', value: w })
          : make(range, { kind: modifiers === 'c' ? 'charlist' : 'string', parts: [w] });
      return make(range, { kind: 'list', items: words.map(item) });
    }
    return make(range, { kind: 'sigil', name, text: body, modifiers, parts: inside });
  }

  function list(node: SyntaxNode, range: Range, scope: Scope): Expr {
    const inside: Expr[] = [];
    let tail: Expr | undefined;
    for (const child of node.kids) {
      if (child.kind === 'keywords') inside.push(...child.kids.map((p) => pair(p, scope)));
      else if (child.kind === 'binary_operator') {
        const [left, right] = child.kids;
        if (left && right && between(left, right).operator === '|') {
          inside.push(value(left, scope));
          tail = value(right, scope);
        } else inside.push(value(child, scope));
      } else inside.push(value(child, scope));
    }
    return make(range, tail ? { kind: 'list', items: inside, tail } : { kind: 'list', items: inside });
  }

  function map(node: SyntaxNode, range: Range, scope: Scope): Expr {
    let struct: Expr | undefined;
    let base: Expr | undefined;
    const pairs: Pair[] = [];
    const add = (n: SyntaxNode): void => {
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
        const operator = left && right ? between(left, right).operator : '';
        if (left && right && operator === '|') {
          base = value(left, scope);
          add(right);
        } else if (left && right && operator === '=>' && left.kind === 'binary_operator') {
          const [from, key] = left.kids;
          if (from && key && between(from, key).operator === '|') {
            base = value(from, scope);
            pairs.push(make(rangeOf(entry), { kind: 'pair', key: value(key, scope), value: value(right, scope) }));
          } else add(entry);
        } else add(entry);
      }
    }
    return make(range, { kind: 'map', pairs, ...(struct && { struct }), ...(base && { base }) });
  }

  function identifier(node: SyntaxNode, range: Range, scope: Scope): Expr {
    const name = source(node);
    if (name === '__MODULE__' && scope.module) return make(range, { kind: 'alias', name: scope.module });
    if (range.start === range.end) return unknown(node);
    if (!scope.variables.has(name)) {
      const own = scope.locals.get(name)?.has(0) === true;
      if (own || bareKernelFunctions.has(name) || /[?!]$/.test(name)) {
        const module = resolveLocal(scope, name, 0);
        return makeCall(range, { name, args: [], callee: range, piped: false, local: true, ...(module !== undefined && { module }) });
      }
    }
    return make(range, { kind: 'variable', name });
  }

  function binaryOperator(node: SyntaxNode, range: Range, scope: Scope): Expr {
    const [left, right, ...rest] = node.kids;
    if (!left || !right || rest.length > 0) {
      return unknown(
        node,
        node.kids.flatMap((n) => lowerExpr(n, scope) ?? []),
      );
    }
    const { operator, range: operatorRange } = between(left, right);
    switch (operator) {
      case '=': {
        const val = value(right, scope);
        return make(range, { kind: 'match', pattern: pattern(left, scope), value: val });
      }
      case '<-': {
        const val = value(right, scope);
        const [bare, guard] = left.kind === 'binary_operator' ? splitGuard(left) : [left, undefined];
        const pat = pattern(bare, scope);
        return make(range, { kind: 'arrow', pattern: pat, value: val, ...(guard && { guard: value(guard, scope) }) });
      }
      case '|>':
        return pipe(left, right, range, scope);
      case '::':
        return value(left, scope);
      default:
        return make(range, { kind: 'binary', operator, left: value(left, scope), right: value(right, scope), operatorRange });
    }
  }

  function splitGuard(node: SyntaxNode): [SyntaxNode, SyntaxNode | undefined] {
    const [left, right] = node.kids;
    return node.kind === 'binary_operator' && left && right && between(left, right).operator === 'when' ? [left, right] : [node, undefined];
  }

  function pipe(left: SyntaxNode, right: SyntaxNode, range: Range, scope: Scope): Expr {
    const first = value(left, scope);
    switch (right.kind) {
      case 'call':
        return lowerCall(right, range, scope, first) ?? unknown(right, [first]);
      case 'identifier': {
        const name = source(right);
        const module = resolveLocal(scope, name, 1);
        return makeCall(range, {
          name,
          args: [first],
          callee: rangeOf(right),
          piped: true,
          local: true,
          ...(module !== undefined && { module }),
        });
      }
      case 'anonymous_function':
        return make(range, { kind: 'apply', fun: value(right, scope), args: [first] });
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
      return make(range, { kind: inside.kind, value: -inside.value });
    }
    return make(range, { kind: 'unary', operator, operand: inside });
  }

  function attribute(operand: SyntaxNode, range: Range, scope: Scope): Expr | undefined {
    if (operand.kind === 'identifier') return make(range, { kind: 'attribute', name: source(operand) });
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
    const write = make(range, { kind: 'attribute-write', name, value: val });
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
      return make(range, { kind: 'variable', name: `&${index}` });
    }
    if (operand.kind === 'binary_operator') {
      const [left, right] = operand.kids;
      if (left && right?.kind === 'integer' && between(left, right).operator === '/') {
        const named = captureOf(left, Number(source(right)), range, scope);
        if (named) return named;
      }
    }
    const outer = placeholders;
    placeholders = 0;
    const body = value(operand, scope);
    const params: Expr[] = [];
    for (let i = 1; i <= Math.min(placeholders, 255); i++) params.push(make(range, { kind: 'variable', name: `&${i}` }));
    placeholders = outer;
    const clause = make(range, { kind: 'clause', patterns: params, body });
    return make(range, { kind: 'fn', clauses: [clause], capture: true });
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
    const dynamic = module === undefined && receiver;
    const made = make(range, { kind: 'capture', name, arity, ...(module !== undefined && { module }), ...(dynamic && { receiver }) });
    const key = `${module ?? '?'}.${name}`;
    captures.set(key, [...(captures.get(key) ?? []), made]);
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
      if (module !== undefined) return make(range, { kind: 'alias', name: `${module}.${source(right)}` });
    }
    return unknown(
      node,
      node.kids.flatMap((n) => (n.kind === 'tuple' ? [] : (lowerExpr(n, scope) ?? []))),
    );
  }

  // --- calls

  function lowerCall(node: SyntaxNode, range: Range, scope: Scope, piped: Expr | undefined): Expr | undefined {
    const inside = node.kids;
    const target = inside[0];
    if (!target) return unknown(node);
    let argsNode: SyntaxNode | undefined;
    let doNode: SyntaxNode | undefined;
    for (const child of inside.slice(1)) {
      if (child.kind === 'arguments') argsNode = child;
      else if (child.kind === 'do_block') doNode = child;
    }
    if (target.kind === 'identifier') {
      const special = specialForm(source(target), node, range, argsNode, doNode, scope, piped);
      if (special !== notSpecial) return special;
    }
    const args = piped ? [piped] : [];
    for (const arg of argsNode ? argsNode.kids : []) args.push(value(arg, scope));
    const blocks = doNode ? doBlocks(doNode, scope) : undefined;
    const callee = rangeOf(target);
    const common = { args, callee, piped: piped !== undefined, ...parensOf(argsNode), ...(blocks && { blocks }) };
    if (target.kind === 'identifier') {
      const name = source(target);
      const module = resolveLocal(scope, name, args.length + (blocks ? 1 : 0)) ?? resolveLocal(scope, name, args.length);
      const applied = name === 'apply' && module === 'Kernel' ? appliedCall(range, callee, args, scope) : undefined;
      if (applied) return applied;
      if (schemaMacros.has(name) && builder) builder.module.schema = true;
      return makeCall(range, { name, local: true, ...common, ...(module !== undefined && { module }) });
    }
    if (target.kind === 'dot') {
      const [receiverNode, nameNode] = target.kids;
      if (!receiverNode) return unknown(node);
      const receiver = value(receiverNode, scope);
      if (!nameNode) return make(range, { kind: 'apply', fun: receiver, args });
      const name = functionName(nameNode);
      const module = receiverModule(receiver, scope);
      if (module === undefined && !argsNode && !piped && !blocks) return make(range, { kind: 'field', subject: receiver, name });
      const applied = module === ':erlang' && name === 'apply' ? appliedCall(range, callee, args, scope) : undefined;
      if (applied) return applied;
      return makeCall(range, { name, local: false, ...common, ...(module !== undefined ? { module } : { receiver }) });
    }
    return make(range, { kind: 'apply', fun: value(target, scope), args });
  }

  function parensOf(argsNode: SyntaxNode | undefined): { parens?: Range } {
    if (!argsNode || text[argsNode.start] !== '(') return {};
    return { parens: { start: argsNode.start + 1, end: Math.max(argsNode.start + 1, argsNode.end - 1) } };
  }

  /** `apply(Module, :name, [arguments])` is the call itself. */
  function appliedCall(range: Range, callee: Range, args: readonly Expr[], scope: Scope): Expr | undefined {
    const [module, name, list] = args;
    if (!module || name?.kind !== 'atom' || list?.kind !== 'list' || list.tail) return undefined;
    const resolved = receiverModule(module, scope);
    if (resolved === undefined) return undefined;
    return makeCall(range, { name: name.value, module: resolved, args: list.items, callee, piped: false, local: false, applied: true });
  }

  function doBlocks(node: SyntaxNode, scope: Scope): Block[] {
    const main: SyntaxNode[] = [];
    const others: Block[] = [];
    for (const child of node.kids) {
      if (/^(after|else|rescue|catch)_block$/.test(child.kind)) {
        const body = child.kids.flatMap((n) => lowerExpr(n, scope) ?? []);
        others.push(make(rangeOf(child), { kind: 'block', body, keyword: child.kind.slice(0, -'_block'.length) }));
      } else main.push(child);
    }
    const inside = inner(scope);
    const body = main.flatMap((n) => lowerExpr(n, inside) ?? []);
    return [make(rangeOf(node), { kind: 'block', body, keyword: 'do' }), ...others];
  }

  /** The nodes of a block given as `do … end` or as `do: …`, by keyword. */
  function sections(
    argsNode: SyntaxNode | undefined,
    doNode: SyntaxNode | undefined,
  ): { args: SyntaxNode[]; blocks: Map<string, readonly SyntaxNode[]>; options: SyntaxNode[] } {
    const blocks = new Map<string, readonly SyntaxNode[]>();
    const args = argsNode ? [...argsNode.kids] : [];
    const options: SyntaxNode[] = [];
    const last = args.at(-1);
    if (last?.kind === 'keywords') {
      args.pop();
      for (const entry of last.kids) {
        const [key, val] = entry.kids;
        const name = key ? keywordName(key) : '';
        if (val && /^(do|else|rescue|catch|after)$/.test(name)) blocks.set(name, clausesIn(val));
        else options.push(entry);
      }
    }
    if (doNode) {
      const main: SyntaxNode[] = [];
      for (const child of doNode.kids) {
        const section = /^(after|else|rescue|catch)_block$/.exec(child.kind)?.[1];
        if (section) blocks.set(section, child.kids);
        else main.push(child);
      }
      blocks.set('do', main);
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
        return argsNode || doNode ? make(range, { kind: 'quote' }) : notSpecial;
      case 'case':
        return caseForm(range, argsNode, doNode, scope, piped);
      case 'cond':
        return doNode ? make(range, { kind: 'cond', clauses: clauses(doNode.kids, scope, true) }) : notSpecial;
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
        return blocks.has('do') && !piped ? tryForm(range, blocks, scope) : notSpecial;
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
    const inside = blocks.get('do');
    if (!subject || !inside) return notSpecial;
    return make(range, { kind: 'case', subject, clauses: clauses(inside, scope) });
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
    const inside = blocks.get('do');
    if (!condition || !inside) return notSpecial;
    const main = sectionBlock(inside, range, scope);
    const other = blocks.get('else');
    const otherwise = other ? sectionBlock(other, range, scope) : undefined;
    const unless = name === 'unless';
    const [onTrue, onFalse] = unless ? [otherwise, main] : [main, otherwise];
    return make(range, { kind: 'if', condition, unless, ...(onTrue && { consequent: onTrue }), ...(onFalse && { alternative: onFalse }) });
  }

  function sectionBlock(nodes: readonly SyntaxNode[], fallback: Range, scope: Scope): Expr {
    const first = nodes[0];
    const last = nodes.at(-1);
    const range = first && last ? { start: first.start, end: last.end } : { start: fallback.end, end: fallback.end };
    return block(nodes, range, inner(scope));
  }

  function withForm(range: Range, argsNode: SyntaxNode, doNode: SyntaxNode | undefined, scope: Scope) {
    const { args, blocks } = sections(argsNode, doNode);
    const inside = blocks.get('do');
    if (!inside) return notSpecial;
    const own = inner(scope);
    const steps = args.map((a) => value(a, own));
    const body = sectionBlock(inside, range, own);
    const otherwise = blocks.get('else');
    return make(range, { kind: 'with', steps, body, otherwise: otherwise ? clauses(otherwise, scope) : [] });
  }

  function forForm(range: Range, argsNode: SyntaxNode, doNode: SyntaxNode | undefined, scope: Scope) {
    const { args, blocks, options } = sections(argsNode, doNode);
    const inside = blocks.get('do');
    if (!inside) return notSpecial;
    const own = inner(scope);
    const steps = args.map((a) => value(a, own));
    const settings = options.map((o) => pair(o, own));
    const reduces = inside.some((n) => n.kind === 'stab_clause');
    return make(range, {
      kind: 'for',
      steps,
      options: settings,
      clauses: reduces ? clauses(inside, own) : [],
      body: reduces ? make({ start: range.end, end: range.end }, { kind: 'block', body: [] }) : sectionBlock(inside, range, own),
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
    return make(range, { kind: 'receive', clauses: clauses(main, scope), ...(after && { after }) });
  }

  function tryForm(range: Range, blocks: ReadonlyMap<string, readonly SyntaxNode[]>, scope: Scope): Expr {
    const body = sectionBlock(blocks.get('do') ?? [], range, scope);
    const section = (name: string): Clause[] => clauses(blocks.get(name) ?? [], scope);
    const after = blocks.get('after');
    return make(range, {
      kind: 'try',
      body,
      rescue: section('rescue'),
      catch: section('catch'),
      otherwise: section('else'),
      ...(after && { after: sectionBlock(after, range, scope) }),
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
      : make({ start: node.end, end: node.end }, { kind: 'block', body: [] });
    return make(rangeOf(node), { kind: 'clause', patterns, body, ...(guard && { guard }) });
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
    return make(range, { kind: 'block', body });
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
      return { name: between(left, right).operator, nameNode: head, params: [left, right], defaults: 0, ...withGuard };
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
    return left && right && between(left, right).operator === '\\\\' ? [left, right] : undefined;
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
    const main = blocks.get('do');
    const body =
      kind === 'defdelegate'
        ? delegated(argsNode, head, range, own)
        : !main
          ? make({ start: range.end, end: range.end }, { kind: 'block', body: [] })
          : blocks.size > 1
            ? tryForm(range, blocks, own)
            : sectionBlock(main, range, own);
    const clause = make(range, { kind: 'clause', patterns, body, ...(guard && { guard }) });
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
    return makeCall(range, {
      name: as?.kind === 'atom' ? as.value : head.name,
      args: head.params.map((p) => value(p, scope)),
      callee: rangeOf(head.nameNode),
      piped: false,
      local: false,
      applied: true,
      ...(module !== undefined && { module }),
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

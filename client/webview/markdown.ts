/** Markdown as nodes: the text is taken apart by a library, and put together as text nodes. HTML within it stays text. */
import { html, nothing, type TemplateResult } from 'lit';
import { lexer, type Token, type Tokens } from 'marked';

type Shown = string | TemplateResult | typeof nothing | readonly Shown[];

/** A part of a document: a heading, what stands below it, and the parts of the next level. */
export interface Part {
  readonly title: string;
  readonly level: number;
  readonly body: readonly Token[];
  readonly parts: readonly Part[];
}

/** Takes a document apart by its headings of the second and third level; what stands before them is the body of the whole. */
export function outline(markdown: string): Part {
  return partOf({ title: '', level: 1 }, lexer(markdown));
}

function partOf({ title, level }: Pick<Part, 'title' | 'level'>, tokens: readonly Token[]): Part {
  const isHeading = (token: Token): token is Tokens.Heading => token.type === 'heading' && (token as Tokens.Heading).depth === level + 1;
  const starts = tokens.flatMap((token, index) => (isHeading(token) ? [index] : []));
  if (level >= 3) return { title, level, body: tokens, parts: [] };
  return {
    title,
    level,
    body: tokens.slice(0, starts[0] ?? tokens.length),
    parts: starts.map((start, index) =>
      partOf({ title: textOf(tokens[start]), level: level + 1 }, tokens.slice(start + 1, starts[index + 1] ?? tokens.length)),
    ),
  };
}

/** Blocks of Markdown. */
export function blocks(tokens: readonly Token[]): Shown {
  return tokens.map(block);
}

function block(token: Token): Shown {
  switch (token.type) {
    case 'heading':
      return html`<p class="heading"><strong>${inline(token.tokens)}</strong></p>`;
    case 'paragraph':
      return html`<p>${inline(token.tokens)}</p>`;
    case 'text':
      return token.tokens ? inline(token.tokens) : token.text;
    case 'code':
      return html`<pre tabindex="0" aria-label="Code"><code>${token.text}</code></pre>`;
    case 'list': {
      const items = (token as Tokens.List).items.map(({ tokens }) => html`<li>${tokens.map(block)}</li>`);
      return token.ordered ? html`<ol start=${token.start || 1}>${items}</ol>` : html`<ul>${items}</ul>`;
    }
    case 'table':
      return tableOf(token as Tokens.Table);
    case 'blockquote':
      return html`<blockquote>${blocks(token.tokens ?? [])}</blockquote>`;
    case 'hr':
      return html`<hr>`;
    case 'html':
      // Comments are ours: the markers and the answers, which no reader of the rendered document sees either.
      return /^<!--[\s\S]*-->\s*$/.test(token.raw) ? nothing : html`<p>${token.raw}</p>`;
    case 'space':
    case 'def':
      return nothing;
    default:
      return token.raw;
  }
}

function tableOf({ header, rows }: Tokens.Table): TemplateResult {
  const named = header.some(({ text }) => text !== '');
  return html`<table>
    ${named ? html`<thead><tr>${header.map(({ tokens }) => (tokens.length > 0 ? html`<th scope="col">${inline(tokens)}</th>` : html`<td></td>`))}</tr></thead>` : nothing}
    <tbody>${rows.map(
      (cells) =>
        html`<tr>${cells.map(({ tokens }, index) => (index === 0 ? html`<th scope="row">${inline(tokens)}</th>` : html`<td data-label=${header[index]?.text ?? ''}>${inline(tokens)}</td>`))}</tr>`,
    )}</tbody>
  </table>`;
}

function inline(tokens: readonly Token[] | undefined): Shown {
  return (tokens ?? []).map((token): Shown => {
    switch (token.type) {
      case 'strong':
        return html`<strong>${inline(token.tokens)}</strong>`;
      case 'em':
        return html`<em>${inline(token.tokens)}</em>`;
      case 'codespan':
        return html`<code>${token.text}</code>`;
      case 'link':
        return /^https:\/\//.test(token.href) ? html`<a href=${token.href}>${inline(token.tokens)}</a>` : token.raw;
      case 'br':
        return html`<br>`;
      case 'escape':
        return token.text;
      case 'text':
        return token.tokens ? inline(token.tokens) : unescaped(token.text);
      default:
        return token.raw;
    }
  });
}

/** `marked` hands character references on as they are written. */
function unescaped(text: string): string {
  const named: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&#39;': "'" };
  return text.replace(/&(?:lt|gt|amp|quot|#39);/g, (found) => named[found] ?? found);
}

function textOf(token: Token | undefined): string {
  if (!token) return '';
  const parts = 'tokens' in token ? token.tokens : undefined;
  return parts ? parts.map(textOf).join('') : 'text' in token ? unescaped(String(token.text)) : token.raw;
}

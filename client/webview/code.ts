/** The generated code: a list of files, the one that is looked at, and what can be done with it. */
import { html, nothing, type TemplateResult } from 'lit';
import { generatorsFor } from '../../core/design/generate/generate';
import { generatorOf, type Proof, requirementOf } from '../../core/design/generate/generators';
import { select } from './fields';
import type { Page } from './page-context';

export function codeView(page: Page): TemplateResult {
  const { files, dependencies } = page.code();
  const file = files.find(({ path }) => path === page.state.file) ?? preferred(page, files) ?? files[0];
  if (!file) return html`<p>There is no code to write for this design.</p>`;
  const packages = dependencies.map((one) => ({ name: one.name, requirement: requirementOf(one, page.project.locked[one.name]) }));
  const choices = files.map(({ path, what, class: component }) => ({
    id: path,
    text: path,
    detail: component === undefined ? what : `${component}: ${what}`,
  }));
  return html`
    ${proofs(page)}
    <div class="code-actions">
      <vscode-button @click=${() => page.ask({ type: 'create-files', files: files.map(({ path, content }) => ({ path, content })) })}>
        Create all ${files.length} files
      </vscode-button>
      ${
        packages.length === 0
          ? nothing
          : html`<vscode-button secondary @click=${() => page.ask({ type: 'add-dependencies', dependencies: packages })}>
              Add ${packages.map(({ name }) => name).join(', ')} to mix.exs
            </vscode-button>`
      }
    </div>
    ${select({ id: 'code-file', label: 'File', note: file.what }, choices, file.path, (path) => page.change({ file: path }))}
    <div class="code-actions">
      <vscode-button secondary @click=${() => page.ask({ type: 'copy', text: file.content })}>Copy</vscode-button>
      <vscode-button secondary @click=${() => page.ask({ type: 'insert', text: file.content })}>Insert at cursor</vscode-button>
      <vscode-button secondary @click=${() => page.ask({ type: 'create-files', files: [{ path: file.path, content: file.content }] })}>Create this file</vscode-button>
    </div>
    <pre tabindex="0" aria-label="Content of ${file.path}"><code>${file.content}</code></pre>
  `;
}

type File = ReturnType<Page['code']>['files'][number];

/** The first file of the class that is looked at which is not settings. */
function preferred({ one }: Page, files: readonly File[]): File | undefined {
  return files.find((file) => file.class === one?.decision.name && file.path.startsWith('lib/'));
}

function proofs({ one }: Page): TemplateResult {
  const ids = one?.option ? generatorsFor(one.option.id, one.decision.situation.answers.kind) : [];
  if (ids.length === 0) return html`<p>No code is generated for this recommendation itself; what follows belongs to the cluster.</p>`;
  return html`<ul class="plain">
    ${ids.map((id) => {
      const { title, what, proof } = generatorOf(id);
      return html`<li><strong>${title}</strong>. ${what} <span class="quiet">${said(proof)}</span></li>`;
    })}
  </ul>`;
}

function said(proof: Proof): string {
  switch (proof.kind) {
    case 'ran-on-nodes':
      return `Tested on connected nodes that are cut and healed, with ${proof.with}.`;
    case 'compiled':
      return `Compiled against ${proof.against}; not run.`;
    case 'parsed':
      return 'Parsed; not run.';
  }
}

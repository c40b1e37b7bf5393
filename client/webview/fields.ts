/** Form fields with label, note and error, on the components of VS Code's look. */
import type { VscodeSingleSelect } from '@vscode-elements/elements/dist/vscode-single-select/vscode-single-select.js';
import type { VscodeTextfield } from '@vscode-elements/elements/dist/vscode-textfield/vscode-textfield.js';
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { ref } from 'lit/directives/ref.js';

export interface FieldChoice {
  readonly id: string;
  readonly text: string;
  readonly detail?: string;
}

interface Field {
  /** Unique on the page, and a valid id. */
  readonly id: string;
  readonly label: string;
  /** One line below the field. */
  readonly note?: string | undefined;
  /** Why what stands there cannot be used; takes the place of the note. */
  readonly error?: string | undefined;
  /** What the field belongs to: the path of an answer. */
  readonly path?: string;
}

/** A list to choose one entry from. */
export function select(field: Field, choices: readonly FieldChoice[], value: string, choose: (id: string) => void): TemplateResult {
  return frame(
    field,
    html`<vscode-single-select
      id=${field.id}
      data-path=${field.path ?? nothing}
      .label=${field.label}
      .value=${live(value)}
      .invalid=${field.error !== undefined}
      ${ref(describing(field))}
      @pointerdown=${place}
      @focusin=${place}
      @keydown=${place}
      @change=${(event: Event) => choose((event.currentTarget as VscodeSingleSelect).value)}
    >
      ${choices.map(({ id, text, detail }) => html`<vscode-option .value=${id} description=${detail ?? ''}>${text}</vscode-option>`)}
    </vscode-single-select>`,
  );
}

/** A line of text. `type` is called with every change. */
export function textField(
  field: Field & { readonly unit?: string; readonly numeric?: boolean },
  value: string,
  type: (text: string) => void,
): TemplateResult {
  return frame(
    field,
    html`<vscode-textfield
      id=${field.id}
      class=${field.numeric ? 'numeric' : ''}
      data-path=${field.path ?? nothing}
      .label=${field.label}
      .value=${live(value)}
      .invalid=${field.error !== undefined}
      ${ref(describing(field, field.unit))}
      @input=${(event: Event) => type((event.currentTarget as VscodeTextfield).value)}
    >${field.unit === undefined ? nothing : html`<span slot="content-after" class="unit" aria-hidden="true">${field.unit}</span>`}</vscode-textfield>`,
  );
}

/** Boxes of which several can be checked. */
export function checkboxes(
  field: Field,
  choices: readonly FieldChoice[],
  checked: readonly string[],
  toggle: (id: string) => void,
): TemplateResult {
  return html`<fieldset class="field" data-path=${field.path ?? nothing} aria-describedby="${field.id}-note">
    <legend>${field.label}</legend>
    <div class="boxes">
      ${choices.map(
        ({ id, text }) => html`<vscode-checkbox
          id="${field.id}-${id}"
          .label=${text}
          .checked=${live(checked.includes(id))}
          .invalid=${field.error !== undefined}
          @change=${(event: Event) => {
            event.stopPropagation();
            toggle(id);
          }}
        ></vscode-checkbox>`,
      )}
    </div>
    ${note(field)}
  </fieldset>`;
}

/** The room that a list needs, in pixels: ten entries and a description. */
const listHeight = 300;

/** Lets the list open to the side on which there is more room for it. */
function place({ currentTarget }: Event): void {
  const list = currentTarget as VscodeSingleSelect;
  const { top, bottom } = list.getBoundingClientRect();
  const below = innerHeight - bottom;
  list.position = below < listHeight && top > below ? 'above' : 'below';
}

function frame(field: Field, control: TemplateResult): TemplateResult {
  return html`<div class="field">
    <vscode-label for=${field.id}>${field.label}</vscode-label>
    ${control}
    ${note(field)}
  </div>`;
}

function note({ id, note: text, error }: Field): TemplateResult {
  return html`<p id="${id}-note" class=${error === undefined ? 'note' : 'note error'} aria-live=${error === undefined ? 'off' : 'polite'}>${error ?? text ?? ''}</p>`;
}

/**
 * The control that has the focus is inside of the component, where no id of the page can be named: the note is given to it as its description.
 */
function describing({ note: text, error }: Field, unit?: string): (element?: Element) => void {
  const description = [error ?? text, unit === undefined ? undefined : `In ${unit}.`].filter(Boolean).join(' ');
  return (element) => {
    if (!element) return;
    void (element as VscodeTextfield).updateComplete.then(() => {
      const control = element.shadowRoot?.querySelector('input, [role=combobox]');
      control?.setAttribute('aria-description', description);
      control?.setAttribute('aria-invalid', String(error !== undefined));
    });
  };
}

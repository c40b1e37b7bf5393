/** What the manifest promises to VS Code and to its gallery. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';

interface Step {
  readonly title: string;
  readonly description: string;
  readonly media: { readonly svg: string; readonly altText: string };
}

interface Manifest {
  readonly icon: string;
  readonly activationEvents: readonly string[];
  readonly capabilities: { readonly untrustedWorkspaces: { readonly supported: unknown }; readonly virtualWorkspaces: unknown };
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly walkthroughs: readonly { readonly steps: readonly Step[] }[];
    readonly configuration: {
      readonly properties: Readonly<Record<string, { readonly markdownDescription?: string; readonly scope?: string }>>;
    };
  };
}

const manifest: Manifest = JSON.parse(readFileSync('package.json', 'utf8'));

test('the walkthrough has at most six steps, each with a picture in the colours of the theme and with commands that exist', () => {
  const [{ steps } = assert.fail(), ...others] = manifest.contributes.walkthroughs;
  assert.equal(others.length, 0);
  assert.ok(steps.length >= 1 && steps.length <= 6);
  const own = new Set(manifest.contributes.commands.map(({ command }) => command));
  for (const { title, description, media } of steps) {
    const picture = readFileSync(media.svg, 'utf8');
    assert.match(picture, /^<svg /);
    assert.doesNotMatch(
      picture,
      /#[0-9a-f]{3,8}\b|rgb\(|<style|style=|<script|href/i,
      `${media.svg} has colours of its own, or what a page may not hold`,
    );
    assert.ok(media.altText.length > 0, title);
    for (const [, command = ''] of description.matchAll(/\(command:([\w.]+)/g)) {
      assert.ok(command.startsWith('workbench.') || own.has(command), `${title}: there is no ${command}`);
    }
  }
});

test('the icon is a small PNG of 256 by 256 pixels', () => {
  const png = readFileSync(manifest.icon);
  assert.equal(png.subarray(1, 4).toString(), 'PNG');
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [256, 256]);
  assert.ok(png.length < 20_000);
  assert.ok(existsSync(manifest.icon.replace(/png$/, 'svg')));
});

test('nothing starts before an Elixir file is opened or a page of ours comes back, and every kind of workspace is supported', () => {
  assert.ok(manifest.activationEvents.every((event) => /^(onLanguage:elixir|onWebviewPanel:netsplit\.\w+)$/.test(event)));
  assert.equal(manifest.capabilities.untrustedWorkspaces.supported, true);
  assert.equal(manifest.capabilities.virtualWorkspaces, true);
});

test('every setting says what it is and what it belongs to', () => {
  for (const [id, { markdownDescription, scope }] of Object.entries(manifest.contributes.configuration.properties)) {
    assert.match(id, /^netsplit\./);
    assert.match(markdownDescription ?? '', /\.$/, id);
    assert.ok(scope === 'resource' || scope === 'window', id);
  }
});

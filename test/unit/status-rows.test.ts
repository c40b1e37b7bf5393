import assert from 'node:assert/strict';
import test from 'node:test';
import { configurationRow, findingsRow, limitRow, slow } from '../../client/src/status-rows';

const none = { error: 0, warning: 0, info: 0, hint: 0 };
const name = (uri: string) => uri.replace('file:///shop/', '');

test('the first row says how the server is, then how many findings there are', () => {
  assert.deepEqual(findingsRow('starting', undefined, none, 0), { text: 'Netsplit is starting', busy: true });
  const stopped = findingsRow('stopped', undefined, none, 0);
  assert.deepEqual([stopped.severity, stopped.command?.command], ['error', 'netsplit.restartServer']);
  const texts = (counts: Partial<typeof none>, elsewhere = 0) => {
    const { text, detail } = findingsRow('running', {}, { ...none, ...counts }, elsewhere);
    return [text, detail];
  };
  assert.deepEqual(texts({}), ['Netsplit: no findings', undefined]);
  assert.deepEqual(texts({ error: 1 }), ['Netsplit: 1 finding', '1 error']);
  assert.deepEqual(texts({ error: 2, warning: 1, info: 3, hint: 2 }, 7), [
    'Netsplit: 8 findings',
    '2 errors, 1 warning, 3 info, 2 hints, 7 in other files',
  ]);
});

test('a file that is not linted says why, and leads to the setting where one is the reason', () => {
  const off = findingsRow('running', { notLinted: 'off' }, none, 3);
  assert.deepEqual([off.detail, off.command?.arguments], ['netsplit.enable is off', ['netsplit.enable']]);
  const large = findingsRow('running', { notLinted: 'tooLarge' }, none, 0);
  assert.deepEqual([large.detail, large.command], ['larger than 2 MiB', undefined]);
});

test('the second row is the configuration, or offers one', () => {
  assert.equal(configurationRow({}, name).command?.command, 'netsplit.createConfig');
  const good = configurationRow({ configuration: 'file:///shop/lib/.netsplit.json', configurationErrors: 0 }, name);
  assert.deepEqual(
    [good.text, good.severity, good.command?.arguments],
    ['lib/.netsplit.json', undefined, ['file:///shop/lib/.netsplit.json']],
  );
  const bad = configurationRow({ configuration: 'file:///shop/.netsplit.json', configurationErrors: 1 }, name);
  assert.deepEqual([bad.severity, bad.detail], ['error', '1 error, so what it said before holds']);
});

test('the third row is there only for a slow file or a project that is too large', () => {
  assert.equal(limitRow({}), undefined);
  assert.equal(limitRow({ took: slow - 1 }), undefined);
  assert.deepEqual([limitRow({ took: 2345 })?.text, limitRow({ took: 2345 })?.severity], ['Netsplit: slow, 2.3 s', 'warning']);
  assert.equal(limitRow({ took: 2345, projectTooLarge: true })?.command?.arguments?.[0], 'netsplit.maxFiles');
});

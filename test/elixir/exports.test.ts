import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { unknownFunctions } from '../../core/facts/exports';
import { createExtractor } from '../../core/facts/extract';

const extract = await createExtractor();

const program = `
for module <- [:erpc, :global, :mnesia, :net_kernel, :pg, :rpc], {name, arity} <- module.module_info(:exports) do
  IO.puts("#{inspect(module)} #{name} #{arity}")
end`;

test('every function that this Erlang/OTP has is known; node scripts/library-exports.mjs adds those of a newer one', () => {
  const { stdout, status, stderr } = spawnSync('elixir', ['-e', program], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const functions = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  assert.ok(functions.length > 300);
  const calls = functions.map(
    ([module, name, arity]) => `${module}.${name}(${Array.from({ length: Number(arity) }, () => 'x').join(', ')})`,
  );
  const file = extract('calls.exs', calls.join('\n'));
  assert.deepEqual(
    unknownFunctions(file, { rpcWrappers: [] }).map(({ module, name, arity }) => `${module}.${name}/${arity}`),
    [],
  );
});

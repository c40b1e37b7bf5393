// What the tests against a real Elixir need, and where it comes from.
import { spawnSync } from 'node:child_process';

/** Debian's packages: Elixir, and the parts of Erlang/OTP that it does not ask for itself. */
export const debianPackages = ['elixir', 'erlang-dev', 'erlang-mnesia', 'erlang-runtime-tools', 'erlang-ssl', 'erlang-syntax-tools'];

const probe = 'Enum.each([:mnesia, :ssl, :runtime_tools], &(:ok = Application.load(&1)))';

/** Why the tests cannot use Elixir here; undefined when they can. */
export function elixirMissing() {
  const { status, error } = spawnSync('elixir', ['-e', probe], { encoding: 'utf8' });
  if (error) return 'there is no `elixir` on the PATH';
  return status === 0 ? undefined : 'this Erlang/OTP lacks mnesia, ssl or runtime_tools';
}

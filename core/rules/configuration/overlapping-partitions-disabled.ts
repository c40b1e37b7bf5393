import { callsTo, type FileFacts } from '../../facts/facts';
import { configIn } from '../../project/config';
import { environmentsAt, environmentsOfPath } from '../../project/environment';
import type { Context, Rule } from '../../rule';
import type { Range } from '../../text';

const parameter = 'prevent_overlapping_partitions';
const writes = ['Application.put_env', ':application.set_env'];

export default {
  id: 'overlapping-partitions-disabled',
  summary: 'Overlapping partitions are allowed, so that `:global` and Mnesia can stay inconsistent after the network has healed.',
  category: 'partition-tolerance',
  severity: 'warning',
  onlyInCluster: true,
  rationale: `
    When one link of a full mesh breaks, A and B do not see each other while both see C. Since OTP 25 \`:global\` then disconnects nodes until
    every part is a full mesh of its own. With \`prevent_overlapping_partitions: false\` it does not: names and locks of \`:global\` differ from
    node to node, a lock may have two holders that both talk to C, and none of it is repaired when the link is back.

    Reported as information where the project mentions neither \`:global\` nor Mnesia; libraries may use \`:global\` all the same. Silent for
    tests and development.

    There is no fix. People turn it off because large clusters fall apart in waves when single links flap; the cure is a smaller mesh: hidden
    nodes, several clusters, or Partisan.`,
  references: ['https://www.erlang.org/doc/apps/kernel/global.html', 'https://github.com/erlang/otp/issues/6214'],
  examples: [
    {
      title: 'Turned off',
      path: 'config/runtime.exs',
      bad: `
        config :kernel, prevent_overlapping_partitions: false
        #               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^`,
    },
    {
      title: 'When the application starts',
      bad: `
        def start(_type, _args) do
          Application.put_env(:kernel, :prevent_overlapping_partitions, false)
          #                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    { title: 'As it is by default', path: 'config/runtime.exs', good: 'config :kernel, prevent_overlapping_partitions: true' },
    { title: 'For tests', path: 'config/test.exs', good: 'config :kernel, prevent_overlapping_partitions: false' },
  ],
  triggers: { words: [parameter] },

  *check(file, context) {
    for (const range of placesIn(file)) {
      const usesNothing = context.project && !usesGlobal(context);
      yield {
        range,
        message:
          'After a link has failed, names and locks of `:global` can differ between nodes for good. Leave this on, and make the mesh smaller if nodes drop each other.',
        ...(usesNothing && { severity: 'info' as const }),
      };
    }
  },
} satisfies Rule;

function* placesIn(file: FileFacts): Iterable<Range> {
  for (const { app, keys, environment, value, range } of configIn(file)) {
    const isOff = app === 'kernel' && keys.length === 1 && keys[0] === parameter && value.kind === 'atom' && value.value === 'false';
    if (isOff && (environment === undefined || environment === 'prod')) yield range;
  }
  for (const call of callsTo(file, writes)) {
    const [app, key, value] = call.args;
    const isOff = key?.kind === 'atom' && key.value === parameter && value?.kind === 'atom' && value.value === 'false';
    const isForAll = (environmentsAt(file, call) & environmentsOfPath(file.path) & 4) !== 0;
    if (app?.kind === 'atom' && app.value === 'kernel' && isOff && isForAll) yield { start: key.range.start, end: value.range.end };
  }
}

const usesGlobal = ({ project }: Context): boolean => project !== undefined && (project.words.has('global') || project.words.has('mnesia'));

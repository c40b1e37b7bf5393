import { callsTo, type FileFacts } from '../../facts/facts';
import { configIn } from '../../project/config';
import { environmentsAt, environmentsOfPath } from '../../project/environment';
import { isForTrial } from '../../project/manifests';
import type { ProjectFacts } from '../../project/project';
import type { Finding, Rule } from '../../rule';
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

    Reported in configuration, in code, and where flags of the VM stand: \`vm.args\`, \`ERL_FLAGS\` and the like in \`env.sh\`, a Dockerfile or a
    deployment file. As information where the project mentions neither \`:global\` nor Mnesia; libraries may use \`:global\` all the same. Silent
    for tests and development. The flag \`-prevent_overlapping_partitions\`, without \`-kernel\` before it, sets nothing at all: that is reported
    too, whatever its value.

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
    {
      title: 'A flag of the VM',
      path: 'rel/vm.args.eex',
      bad: `
        ## Heartbeats
        -kernel net_ticktime 30
        -kernel prevent_overlapping_partitions false
      # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^`,
    },
    {
      title: 'In a deployment file',
      path: 'deploy/shop.yaml',
      bad: `
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: shop }
        spec:
          template:
            spec:
              containers:
                - name: shop
                  image: registry.example.com/shop:1.0.0
                  env:
                    - name: ERL_AFLAGS
                      value: "-kernel prevent_overlapping_partitions false"
                      #       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^`,
    },
    {
      title: 'A flag that sets nothing',
      path: 'rel/vm.args.eex',
      bad: `
        +K true
        -prevent_overlapping_partitions false
      # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        -heart`,
    },
    { title: 'As it is by default', path: 'config/runtime.exs', good: 'config :kernel, prevent_overlapping_partitions: true' },
    { title: 'Left on', path: 'rel/vm.args.eex', good: '-kernel prevent_overlapping_partitions true' },
    { title: 'For tests', path: 'config/test.exs', good: 'config :kernel, prevent_overlapping_partitions: false' },
  ],
  triggers: { words: [parameter], manifestWords: [parameter] },

  *check(file, { project }) {
    for (const range of placesIn(file)) yield disabled(range, project);
  },

  *checkProject(project) {
    for (const { name, value, path, range } of project.release) {
      if (isForTrial(path)) continue;
      if (name === `-kernel ${parameter}` && value === 'false') yield { path, ...disabled(range, project) };
      if (name === `-${parameter}`) {
        const message = `This flag sets nothing: a parameter of the kernel is \`-kernel ${parameter} ${value}\`. Remove it; \`true\` is the default.`;
        yield { path, range, message };
      }
    }
  },
} satisfies Rule;

function disabled(range: Range, project: ProjectFacts | undefined): Finding {
  const usesNothing = project && !project.words.has('global') && !project.words.has('mnesia');
  return {
    range,
    message:
      'After a link has failed, names and locks of `:global` can differ between nodes for good. Leave this on, and make the mesh smaller if nodes drop each other.',
    ...(usesNothing && { severity: 'info' as const }),
  };
}

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

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { lintManifest, lintProject } from '../../core/linter';
import { createManifestPrefilter } from '../../core/prefilter';
import { buildProject } from '../../core/project/build';
import { isForTrial, isManifest, manifestFacts } from '../../core/project/manifests';
import type { Rule } from '../../core/rule';
import { rules } from '../../core/rules';
import { rule } from '../support/rules';

/** A rule that finds every setting of a name. */
function settingRule(id: string, setting: string, parts: Partial<Rule> = {}): Rule {
  return rule(id, {
    triggers: { manifestWords: [setting] },
    *checkProject(project) {
      for (const { name, path, range } of project.release) if (name === setting) yield { path, range, message: 'Set.' };
    },
    ...parts,
  });
}

const named = settingRule('named-node', 'RELEASE_NODE');
const broken = settingRule('broken-rule', 'RELEASE_MODE', {
  checkProject() {
    throw new Error('broken');
  },
});
const projectOf = (texts: Readonly<Record<string, string>>) => buildProject({ root: '', texts: new Map(Object.entries(texts)), facts: [] });

test('which files are manifests', () => {
  const manifests = [
    'rel/vm.args.eex',
    'rel/overlays/start',
    'vm.args',
    'apps/web/rel/env.sh.eex',
    'Dockerfile',
    'docker/web.Dockerfile',
    'fly.toml',
    'fly.staging.toml',
    'deploy/app.yaml',
    'docker-compose.yml',
  ];
  const others = [
    'mix.exs',
    'mix.lock',
    '.tool-versions',
    'rel/config.exs',
    'config/runtime.exs',
    'test/app.yaml',
    '.github/workflows/ci.yml',
  ];
  assert.deepEqual(
    manifests.filter((path) => !isManifest(path)),
    [],
  );
  assert.deepEqual([...others, 'deps/a/vm.args', 'README.md', 'lib/a.ex', 'rel/logo.png'].filter(isManifest), []);
  const trials = [
    'docker-compose.dev.yml',
    'dev/compose.yml',
    'compose.override.yaml',
    'Dockerfile.test',
    'k8s/sample.yaml',
    '.env.local.yml',
  ];
  assert.deepEqual(
    trials.filter((path) => !isForTrial(path)),
    [],
  );
  assert.deepEqual(['docker-compose.yml', 'deploy/latest.yaml', 'fly.toml', 'rel/env.sh.eex'].filter(isForTrial), []);
});

test('comments, in the way of each file', () => {
  const comments = (path: string, text: string): readonly string[] =>
    manifestFacts(path, `${text}\n# netsplit:`)
      .comments.slice(0, -1)
      .map(({ text: comment, range }) => {
        assert.equal(text.slice(range.start, range.end), comment);
        return comment;
      });
  assert.deepEqual(comments('a.yaml', '# a\nb: "# no" # c\nd: |\n  # no\ne: x#no\nf: [1, # g\n  2]\nh: \'#\' #'), [
    '# a',
    '# c',
    '# g',
    '#',
  ]);
  assert.deepEqual(comments('a.yaml', '{{- if .a }} # x\nb: {{ .c }} # d\r\n😀: 1 # e'), ['# x', '# d', '# e']);
  assert.deepEqual(comments('vm.args', '## a\n-name b # c\n%% d\n-e "# no" f#no 100%%'), ['## a', '# c', '%% d']);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a shell's.
  assert.deepEqual(comments('rel/env.sh.eex', '#!/bin/sh\nA=\'# no\' # a\nB="x\n# no" # b\necho $# ${#A}'), ['#!/bin/sh', '# a', '# b']);
  assert.deepEqual(comments('Dockerfile', '# a\nENV A=1 # no\n  # b\nRUN x \\\n# c\n  y'), ['# a', '# b', '# c']);
  assert.deepEqual(comments('fly.toml', '# a\nb = "# no" # c'), ['# a', '# c']);
});

test('comments of any text are parts of it', () => {
  const parts = fc.constantFrom(
    '#',
    '"',
    "'",
    '\n',
    ' ',
    '%%',
    '|',
    ': ',
    '- ',
    '{{',
    '}}',
    '\\',
    'a',
    '😀',
    '\x02',
    '\x1f',
    '[',
    '\r',
    '# netsplit:',
  );
  fc.assert(
    fc.property(
      fc.array(parts, { maxLength: 25 }),
      fc.constantFrom('a.yaml', 'vm.args', 'Dockerfile', 'fly.toml', 'env.sh'),
      (pieces, path) => {
        const text = `${pieces.join('')}# netsplit:`;
        for (const { text: comment, range } of manifestFacts(path, text).comments)
          assert.equal(text.slice(range.start, range.end), comment);
      },
    ),
  );
});

test('a rule is asked once for a project; levels and comments decide file by file', () => {
  const texts = {
    'rel/env.sh.eex': 'export RELEASE_NODE=a\n# netsplit:disable-for-next-line named-node -- known\nexport RELEASE_NODE=b\n',
    Dockerfile: '# netsplit:disable-for-this-file named-node, other-rule -- known\nENV RELEASE_MODE=embedded\n',
  };
  let asked = 0;
  const counted = settingRule('named-node', 'RELEASE_NODE', {
    *checkProject(project) {
      asked++;
      yield* named.checkProject?.(project) ?? [];
    },
  });
  const last = rule('last-rule', {
    last: true,
    check: (_file, { suppressions = [] }) =>
      suppressions.flatMap((s) => s.rules.map(({ id, range, effect }) => ({ range, message: `${id} ${effect}` }))),
  });
  const all = [counted, broken, last, rule('other-rule')];
  const said = lintProject(projectOf(texts), all);
  const lintFile = (path: keyof typeof texts, result: typeof said | undefined, level: 'error' | 'off' = 'error') => {
    const options = { rules: all, context: { rpcWrappers: [] }, levelOf: (each: Rule) => (each === counted ? level : ('info' as const)) };
    const { findings, suppressed, failures } = lintManifest({ path, text: texts[path] }, result, options);
    assert.deepEqual(failures, []);
    return [findings.map(({ severity, message }) => `${severity} ${message}`), suppressed.map(({ reason }) => reason)];
  };
  assert.deepEqual(lintFile('rel/env.sh.eex', said), [['error Set.', 'info named-node used'], ['known']]);
  assert.deepEqual(lintFile('Dockerfile', said), [['info named-node unused', 'info other-rule unused'], []]);
  assert.deepEqual(
    lintFile('Dockerfile', undefined),
    [['info named-node undecided', 'info other-rule undecided'], []],
    'without a project',
  );
  assert.deepEqual(lintFile('rel/env.sh.eex', said, 'off'), [['info named-node undecided'], []]);
  assert.equal(asked, 1);
  assert.deepEqual(
    said.failures.map((failure) => [failure.rule.id, String(failure.error)]),
    [['broken-rule', 'Error: broken']],
  );
});

test('which rules can speak about a text', () => {
  const prefilter = createManifestPrefilter(rules);
  const speaking = (text: string): readonly string[] => prefilter(text).map(({ id }) => id);
  assert.deepEqual(speaking('Node.set_cookie(:abc)\n:rpc.call'), []);
  assert.deepEqual(speaking('-setcookie abc'), ['cluster-secrets']);
  assert.deepEqual(speaking('maxReplicas: 3'), ['full-mesh-too-large']);
  assert.deepEqual(speaking('# netsplit:disable-for-this-file a'), ['suppression-without-reason', 'unused-suppression']);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { isForeign, isNamedLike, readFly, readYaml } from '../../core/project/deploy';
import { lowestVersion, otpForElixir, readLock } from '../../core/project/mix';
import { type ReleaseSetting, readDockerfile, readFlags, readShell, readToolVersions } from '../../core/project/release';
import { dedent } from '../../core/text';

/** What each range covers must be what was read from it. */
const counts = (text: string, read = readYaml): readonly string[] =>
  read(text).workloads.map(({ kind, name, count, range }) => {
    assert.equal(text.slice(range.start, range.end), String(count));
    return `${kind} ${name ?? '-'} ${count}`;
  });

const settings = (text: string, found: readonly ReleaseSetting[]): readonly (readonly [string, string, string])[] =>
  found.map(({ name, value, range }) => [name, value, text.slice(range.start, range.end)]);

const kubernetes = dedent(`
  # Größe: 😀
  apiVersion: apps/v1
  kind: StatefulSet
  metadata:
    name: shop
    labels: {app: shop}
  spec:
    serviceName: shop
    replicas: 3 # voters
    template:
      spec:
        containers:
          - name: shop
            image: "registry.example.com/team/shop:1.0"
            env:
              - name: RELEASE_COOKIE
                value: "kept-in-git"
              - name: POD_IP
                valueFrom: {fieldRef: {fieldPath: status.podIP}}
              - name: RELEASE_DISTRIBUTION
                value: name
              - {name: ERL_AFLAGS, value: "-proto_dist inet6_tcp"}
  ---
  apiVersion: autoscaling/v2
  kind: HorizontalPodAutoscaler
  metadata: {name: web-scaler}
  spec:
    scaleTargetRef: {kind: Deployment, name: web}
    minReplicas: 2
    maxReplicas: 60
  ---
  kind: Service
  spec:
    replicas: 9
`);

test('Kubernetes: replicas of workloads and the limits of their scaling', () => {
  const expected = ['StatefulSet shop 3', 'HorizontalPodAutoscaler web 2', 'HorizontalPodAutoscaler web 60'];
  assert.deepEqual(counts(kubernetes), expected);
  assert.deepEqual(counts(kubernetes.replaceAll('\n', '\r\n')), expected);
  assert.deepEqual(counts(`\uFEFF${kubernetes}`), expected);
  const list = `kind: List\nitems:\n  - kind: Deployment\n    metadata: {name: a}\n    spec: {replicas: 2}\n  - kind: List\n`;
  assert.deepEqual(counts(list), ['Deployment a 2']);
});

test('Kubernetes: variables of containers', () => {
  assert.deepEqual(settings(kubernetes, readYaml(kubernetes).settings), [
    ['RELEASE_COOKIE', 'kept-in-git', `RELEASE_COOKIE\n${' '.repeat(14)}value: "kept-in-git"`],
    ['RELEASE_DISTRIBUTION', 'name', `RELEASE_DISTRIBUTION\n${' '.repeat(14)}value: name`],
    ['ERL_AFLAGS', '-proto_dist inet6_tcp', 'ERL_AFLAGS, value: "-proto_dist inet6_tcp"'],
    ['-proto_dist', 'inet6_tcp', '-proto_dist inet6_tcp'],
  ]);
});

test('Helm: literal counts are read, templates are left out', () => {
  const chart = (replicas: string): string =>
    dedent(`
      {{- if .Values.enabled }}
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: {{ include "shop.fullname" . }}
        labels:
          {{- include "shop.labels" . | nindent 4 }}
      spec:
        replicas: ${replicas}
      {{- end }}
    `);
  assert.match(counts(chart('4'))[0] ?? '', /^Deployment x+ 4$/);
  assert.deepEqual(counts(chart('{{ .Values.replicaCount }}')), []);
  assert.deepEqual(counts('{{- range .Values.list }}\nkind: Deployment\nspec: {replicas: 2}\n{{- else }}'), ['Deployment - 2']);
});

test('compose: deploy.replicas, scale and environment', () => {
  const text = dedent(`
    x-defaults: &defaults
      deploy:
        replicas: 5
    services:
      web:
        build: .
        deploy: {replicas: 3}
        environment:
          RELEASE_COOKIE: secret
          ELIXIR_ERL_OPTIONS: "+P 1000"
      worker:
        image: shop-worker
        scale: 2
        environment:
          - RELEASE_NODE=worker@\${HOST}
          - OTHER=1
      db:
        image: postgres:16
        deploy: {replicas: 2}
      odd: nothing
  `);
  assert.deepEqual(counts(text), ['compose web 3', 'compose worker 2', 'compose db 2']);
  assert.deepEqual(settings(text, readYaml(text).settings), [
    ['RELEASE_COOKIE', 'secret', 'RELEASE_COOKIE: secret'],
    ['ELIXIR_ERL_OPTIONS', '+P 1000', 'ELIXIR_ERL_OPTIONS: "+P 1000"'],
    ['+P', '1000', '+P 1000'],
    ['RELEASE_NODE', `worker@\${HOST}`, `RELEASE_NODE=worker@\${HOST}`],
  ]);
});

test('what is broken or none of ours says nothing', () => {
  for (const text of [
    'kind: Deployment\nspec: {replicas: [}',
    'kind: Deployment\nspec:\n  replicas: "3"',
    'kind: Deployment\nspec:\n  replicas: -1',
    'kind: Deployment\nspec:\n  replicas: 2.5',
    'kind: Job\nspec: {replicas: 3}',
    '- replicas',
    'replicas: 3',
    'replicas',
    '',
  ]) {
    assert.deepEqual(readYaml(text), { workloads: [], settings: [] }, text);
  }
});

test('other people’s programs are told from the project’s own', () => {
  const workload = (name: string, ...images: string[]) => ({ count: 3, kind: 'StatefulSet', name, images, range: { start: 0, end: 0 } });
  assert.equal(isForeign(workload('db', 'docker.io/bitnami/postgresql:16@sha256:abc'), ['shop']), true);
  assert.equal(isForeign(workload('cache', 'redis'), ['shop']), true);
  assert.equal(isForeign(workload('cache', 'redis', 'example/sidecar'), ['shop']), false);
  assert.equal(isForeign(workload('db', 'team/redis-cluster'), ['redis_cluster']), false);
  assert.equal(isForeign(workload('shop'), ['shop']), false);
  assert.equal(isNamedLike(workload('x', 'ghcr.io/team/my-shop:2'), ['my_shop']), true);
  assert.equal(isNamedLike(workload('my-shop-web'), ['my_shop']), true);
  assert.equal(isNamedLike(workload('shopping'), ['shop']), false);
});

test('fly.toml: machines that always run, and variables', () => {
  const text = dedent(`
    app = "shop"   # name
    [env]
      ERL_AFLAGS = "-proto_dist inet6_tcp"
      PHX_HOST = "shop.fly.dev"
      "RELEASE_COOKIE" = 'a cookie'
    [http_service]
      internal_port = 4000
      min_machines_running = 2 # at least
    [[vm]]
      memory = "1gb"
      count = 3
    [[services]]
    min_machines_running = "1"
  `);
  assert.deepEqual(counts(text, readFly), ['fly shop 2', 'fly shop 3']);
  assert.deepEqual(settings(text, readFly(text).settings), [
    ['ERL_AFLAGS', '-proto_dist inet6_tcp', 'ERL_AFLAGS = "-proto_dist inet6_tcp"'],
    ['-proto_dist', 'inet6_tcp', '-proto_dist inet6_tcp'],
    ['RELEASE_COOKIE', 'a cookie', `"RELEASE_COOKIE" = 'a cookie'`],
  ]);
});

test('vm.args: flags, parameters of applications, templates, comments', () => {
  const text = dedent(`
    ## Name of the node
    -name shop@<%= System.get_env("HOST") %>
    -setcookie monster # kept
    +sbwt none +sbwtdcpu none
    -kernel inet_dist_listen_min 9100 inet_dist_listen_max 9155
    -kernel prevent_overlapping_partitions false
    -prevent_overlapping_partitions false
    -proto_dist inet_tls
    -ssl_dist_optfile '/etc/ssl dist.conf'
    -heart
    #-sname commented
    -env ERL_MAX_PORTS 4096
    -pa "a b" c
    -kernel net_ticktime -5
    -connect_all false
  `);
  assert.deepEqual(settings(text, readFlags(text)), [
    ['-name', 'shop@<%= System.get_env("HOST") %>', '-name shop@<%= System.get_env("HOST") %>'],
    ['-setcookie', 'monster', '-setcookie monster'],
    ['+sbwt', 'none', '+sbwt none'],
    ['+sbwtdcpu', 'none', '+sbwtdcpu none'],
    ['-kernel inet_dist_listen_min', '9100', '-kernel inet_dist_listen_min 9100'],
    ['-kernel inet_dist_listen_max', '9155', 'inet_dist_listen_max 9155'],
    ['-kernel prevent_overlapping_partitions', 'false', '-kernel prevent_overlapping_partitions false'],
    ['-prevent_overlapping_partitions', 'false', '-prevent_overlapping_partitions false'],
    ['-proto_dist', 'inet_tls', '-proto_dist inet_tls'],
    ['-ssl_dist_optfile', '/etc/ssl dist.conf', "-ssl_dist_optfile '/etc/ssl dist.conf'"],
    ['-heart', '', '-heart'],
    ['-env ERL_MAX_PORTS', '4096', '-env ERL_MAX_PORTS 4096'],
    ['-pa', 'a b c', '-pa "a b" c'],
    ['-kernel net_ticktime', '-5', '-kernel net_ticktime -5'],
    ['-connect_all', 'false', '-connect_all false'],
  ]);
});

test('env.sh: assignments that decide distribution', () => {
  const text = dedent(`
    #!/bin/sh
    # export RELEASE_DISTRIBUTION=sname
    if [ -n "$POD_IP" ]; then export RELEASE_NODE="shop@\${POD_IP}"; fi
    export RELEASE_DISTRIBUTION=name
    export RELEASE_COOKIE="\${RELEASE_COOKIE:-$(head -c 9 /dev/urandom | tr -dc 'a-z')}"
    MY_RELEASE_NODE=no
    RELEASE_NODE='literal@host' # kept
    export ERL_AFLAGS="$ERL_AFLAGS -proto_dist inet6_tcp"
    echo "$RELEASE_NODE"
  `);
  assert.deepEqual(settings(text, readShell(text)), [
    ['RELEASE_NODE', `shop@\${POD_IP}`, `RELEASE_NODE="shop@\${POD_IP}"`],
    ['RELEASE_DISTRIBUTION', 'name', 'RELEASE_DISTRIBUTION=name'],
    [
      'RELEASE_COOKIE',
      `\${RELEASE_COOKIE:-$(head -c 9 /dev/urandom | tr -dc 'a-z')}`,
      `RELEASE_COOKIE="\${RELEASE_COOKIE:-$(head -c 9 /dev/urandom | tr -dc 'a-z')}"`,
    ],
    ['RELEASE_NODE', 'literal@host', "RELEASE_NODE='literal@host'"],
    ['ERL_AFLAGS', '$ERL_AFLAGS -proto_dist inet6_tcp', 'ERL_AFLAGS="$ERL_AFLAGS -proto_dist inet6_tcp"'],
    ['-proto_dist', 'inet6_tcp', '-proto_dist inet6_tcp'],
  ]);
});

test('Dockerfile: images with defaults of arguments, and variables', () => {
  const text = dedent(`
    # FROM erlang:20
    ARG ELIXIR=1.18.4
    ARG OTP=27.2
    FROM --platform=linux/amd64 hexpm/elixir:\${ELIXIR}-erlang-$OTP-alpine-3.21 AS build
    ENV MIX_ENV=prod \\
        # the cookie
        RELEASE_COOKIE="in the image" \\
        RELEASE_DISTRIBUTION=name
    FROM build AS test
    FROM alpine:3.21
    env ERL_AFLAGS -proto_dist inet6_tcp -kernel prevent_overlapping_partitions false
    ENV RELEASE_NODE=\${NODE}
  `);
  const { versions, settings: found } = readDockerfile(text);
  assert.deepEqual(
    versions.map(({ elixir, otp, range }) => [elixir, otp, text.slice(range.start, range.end)]),
    [['1.18.4', '27.2', `hexpm/elixir:\${ELIXIR}-erlang-$OTP-alpine-3.21`]],
  );
  assert.deepEqual(settings(text, found), [
    ['RELEASE_COOKIE', 'in the image', 'RELEASE_COOKIE="in the image"'],
    ['RELEASE_DISTRIBUTION', 'name', 'RELEASE_DISTRIBUTION=name'],
    [
      'ERL_AFLAGS',
      '-proto_dist inet6_tcp -kernel prevent_overlapping_partitions false',
      'ERL_AFLAGS -proto_dist inet6_tcp -kernel prevent_overlapping_partitions false',
    ],
    ['-proto_dist', 'inet6_tcp', '-proto_dist inet6_tcp'],
    ['-kernel prevent_overlapping_partitions', 'false', '-kernel prevent_overlapping_partitions false'],
    ['RELEASE_NODE', `\${NODE}`, `RELEASE_NODE=\${NODE}`],
  ]);
});

test('images name their versions in several ways', () => {
  const versionsOf = (image: string): unknown[] => readDockerfile(`FROM ${image}\n`).versions.map(({ elixir, otp }) => [elixir, otp]);
  assert.deepEqual(versionsOf('elixir:1.15'), [['1.15', undefined]]);
  assert.deepEqual(versionsOf('elixir:1.16-otp-26-alpine'), [['1.16', '26']]);
  assert.deepEqual(versionsOf('docker.io/hexpm/elixir:1.14.5-erlang-25.3.2-debian-bullseye-20230522'), [['1.14.5', '25.3.2']]);
  assert.deepEqual(versionsOf('erlang:26.2-slim'), [[undefined, '26.2']]);
  assert.deepEqual(versionsOf('hexpm/erlang:27.1-alpine-3.20.3'), [[undefined, '27.1']]);
  assert.deepEqual(versionsOf('elixir'), []);
  assert.deepEqual(versionsOf('elixir:latest'), []);
  assert.deepEqual(versionsOf('node:20'), []);
});

test('.tool-versions', () => {
  const text = '# tools\nerlang 26.2.1 25.0\r\nelixir 1.16.1-otp-26\nerlang system\nnodejs lts\n';
  const tools = readToolVersions(text);
  assert.deepEqual([...tools.keys()], ['erlang', 'elixir']);
  const erlang = tools.get('erlang');
  assert.equal(erlang?.version, '26.2.1');
  assert.equal(text.slice(erlang.range.start, erlang.range.end), '26.2.1');
});

test('the lowest version of a requirement', () => {
  assert.deepEqual(lowestVersion('~> 1.14'), [1, 14]);
  assert.deepEqual(lowestVersion('>= 1.12.0 and < 2.0.0'), [1, 12]);
  assert.deepEqual(lowestVersion('~> 1.17 or ~> 1.9.3'), [1, 9]);
  assert.deepEqual(lowestVersion('1.15.0'), [1, 15]);
  assert.equal(lowestVersion('< 2.0.0'), undefined);
  assert.deepEqual([otpForElixir([1, 14]), otpForElixir([1, 18]), otpForElixir([1, 19]), otpForElixir([1, 99])], [23, 25, 26, undefined]);
});

test('mix.lock: one entry a line or all in one', () => {
  assert.deepEqual(
    [
      ...readLock(
        '%{"a": {:hex, :a, "1.0.0"},\n  "b": {:hex, :"b", "2.0.0-rc.1", "h"}, "c": {:git, "u", "sha", [tag: "v3.1.0"]},"d": {:git, "u", "sha", []}}',
      ),
    ],
    [
      ['a', '1.0.0'],
      ['b', '2.0.0-rc.1'],
      ['c', '3.1.0'],
      ['d', undefined],
    ],
  );
});

test('any text is read without an error, and every range is in it', () => {
  const piece = fc.constantFrom(
    ...'replicas: |kind: Deployment\n|spec:\n  |{{ x }}|{{|- |[|]|{|}|"|\'|#|\\|\n|\r\n|😀|3|RELEASE_NODE=|RELEASE_COOKIE: |ENV |FROM |ARG A=|elixir:1.15|$A|$(|`|-name |-kernel a b|+P|<%=|%>|[env]\n|[[vm]]\n|count = |services:\n|&a |*a|<<: |---\n| '.split(
      '|',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('');
      const image = readDockerfile(text);
      const [yaml, fly] = [readYaml(text), readFly(text)];
      const found = [
        ...image.settings,
        ...image.versions,
        ...readFlags(text),
        ...readShell(text),
        ...yaml.settings,
        ...yaml.workloads,
        ...fly.settings,
        ...fly.workloads,
      ];
      return found.every(({ range }) => 0 <= range.start && range.start < range.end && range.end <= text.length);
    }),
    { numRuns: 2000, seed: 7 },
  );
});

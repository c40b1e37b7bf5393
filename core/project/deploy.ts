/** Kubernetes, compose and Fly files → how many instances run, and variables of their environment. Broken files say nothing. */
import { isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments, type YAMLMap } from 'yaml';
import type { Range } from '../text';
import { isReleaseVariable, type ReleaseSetting, variableSettings } from './release';

export interface Workload {
  readonly count: number;
  /** `Deployment`, `StatefulSet`, `HorizontalPodAutoscaler`, `compose` or `fly`. */
  readonly kind: string;
  readonly name?: string;
  /** Images of its containers; none where it is built here or they are not known. */
  readonly images: readonly string[];
  /** The number. */
  readonly range: Range;
}

export interface DeploymentFacts {
  readonly workloads: readonly Workload[];
  readonly settings: readonly ReleaseSetting[];
}

const nothing: DeploymentFacts = { workloads: [], settings: [] };
const textLimit = 500_000;

/** Reads a YAML file that may hold Kubernetes manifests or compose services. */
export function readYaml(text: string): DeploymentFacts {
  if (text.length > textLimit || !/replicas|Replicas|scale:|RELEASE_|ERL_/.test(text)) return nothing;
  try {
    return fromDocuments(text.includes('{{') ? withoutTemplates(text) : text, text);
  } catch {
    // The library recurses on nesting; such a file is no manifest.
    return nothing;
  }
}

/** Helm's `{{ … }}`: alone on a line it is left out, within one it becomes a word; every offset stays. */
function withoutTemplates(text: string): string {
  return text
    .replace(/^[ \t]*\{\{[^\n]{0,500}?\}\}[ \t]*$/gm, (line) => ' '.repeat(line.length))
    .replace(/\{\{(?:[^}]|\}(?!\})){0,500}\}\}/g, (inside) => inside.replace(/[^\r\n]/g, 'x'));
}

interface Collector {
  readonly text: string;
  readonly workloads: Workload[];
  readonly settings: ReleaseSetting[];
  /** The node that an alias stands for. */
  resolve(node: unknown): Node | undefined;
}

function fromDocuments(yaml: string, text: string): DeploymentFacts {
  const workloads: Workload[] = [];
  const settings: ReleaseSetting[] = [];
  for (const document of parseAllDocuments(yaml, { uniqueKeys: false, logLevel: 'silent' })) {
    if (document.errors.length > 0) continue;
    const resolve = (node: unknown): Node | undefined => {
      const found = isAlias(node) ? node.resolve(document) : node;
      return isMap(found) || isSeq(found) || isScalar(found) ? found : undefined;
    };
    const to: Collector = { text, workloads, settings, resolve };
    const root = resolve(document.contents);
    if (!isMap(root)) continue;
    if (root.has('services') && !root.has('apiVersion')) compose(to, root);
    else manifest(to, root);
  }
  return { workloads, settings };
}

function manifest(to: Collector, root: YAMLMap): void {
  const kind = textAt(to, root, ['kind']);
  if (kind === 'List') {
    for (const item of itemsAt(to, root, ['items'])) if (isMap(item) && textAt(to, item, ['kind']) !== 'List') manifest(to, item);
    return;
  }
  if (kind === 'HorizontalPodAutoscaler') {
    const name = textAt(to, root, ['spec', 'scaleTargetRef', 'name']) ?? textAt(to, root, ['metadata', 'name']);
    for (const key of ['minReplicas', 'maxReplicas']) addWorkload(to, nodeAt(to, root, ['spec', key]), kind, name, []);
    return;
  }
  if (kind !== 'Deployment' && kind !== 'StatefulSet') return;
  const containers = itemsAt(to, root, ['spec', 'template', 'spec', 'containers']);
  const images = containers.flatMap((c) => (isMap(c) ? (textAt(to, c, ['image']) ?? []) : []));
  addWorkload(to, nodeAt(to, root, ['spec', 'replicas']), kind, textAt(to, root, ['metadata', 'name']), images);
  for (const container of containers) if (isMap(container)) environment(to, nodeAt(to, container, ['env']));
}

function compose(to: Collector, root: YAMLMap): void {
  const services = nodeAt(to, root, ['services']);
  if (!isMap(services)) return;
  for (const { key, value } of services.items) {
    const service = to.resolve(value);
    if (!isMap(service)) continue;
    const name = isScalar(key) ? String(key.value) : undefined;
    const image = service.has('build') ? undefined : textAt(to, service, ['image']);
    const images = image === undefined ? [] : [image];
    addWorkload(to, nodeAt(to, service, ['deploy', 'replicas']), 'compose', name, images);
    addWorkload(to, nodeAt(to, service, ['scale']), 'compose', name, images);
    environment(to, nodeAt(to, service, ['environment']));
  }
}

function addWorkload(to: Collector, node: Node | undefined, kind: string, name: string | undefined, images: readonly string[]): void {
  if (!isScalar(node) || typeof node.value !== 'number' || !Number.isInteger(node.value) || node.value < 0 || !node.range) return;
  const range = { start: node.range[0], end: node.range[1] };
  to.workloads.push({ count: node.value, kind, images, range, ...(name !== undefined && { name }) });
}

/** `- name: X` with `value: y`; `X: y`; `- X=y`. */
function environment(to: Collector, node: Node | undefined): void {
  if (isMap(node)) {
    for (const { key, value } of node.items) if (isScalar(key)) addVariable(to, String(key.value), to.resolve(value), key);
    return;
  }
  if (!isSeq(node)) return;
  for (const each of node.items) {
    const item = to.resolve(each);
    if (isMap(item)) {
      const name = nodeAt(to, item, ['name']);
      if (isScalar(name)) addVariable(to, String(name.value), nodeAt(to, item, ['value']), name);
    } else if (isScalar(item) && typeof item.value === 'string' && item.range) {
      const [, name, value] = /^(\w+)=(.*)$/.exec(item.value) ?? [];
      if (name === undefined || value === undefined || !isReleaseVariable(name)) continue;
      const range = { start: item.range[0], end: item.range[1] };
      const at = to.text.indexOf('=', range.start) + 1;
      const written = to.text.slice(at, range.end).replace(/["']$/, '');
      to.settings.push(...variableSettings(name, written.includes('{{') ? written : value, range, at));
    }
  }
}

function addVariable(to: Collector, name: string, value: Node | undefined, key: Node): void {
  if (!isReleaseVariable(name) || !isScalar(value) || !value.range || !key.range) return;
  if (typeof value.value !== 'string' && typeof value.value !== 'number') return;
  const [start, end] = [value.range[0], value.range[1]];
  const at = /["']/.test(to.text[start] ?? '') ? start + 1 : start;
  // What a template puts in is not known: it stands as written.
  const written = to.text.slice(at, end - (at - start));
  const known = written.includes('{{') ? written : String(value.value);
  to.settings.push(...variableSettings(name, known, { start: Math.min(key.range[0], start), end }, at));
}

function nodeAt(to: Collector, from: YAMLMap, path: readonly string[]): Node | undefined {
  let node: Node | undefined = from;
  for (const key of path) {
    if (!isMap(node)) return undefined;
    node = to.resolve(node.get(key, true));
  }
  return node;
}

function itemsAt(to: Collector, from: YAMLMap, path: readonly string[]): readonly Node[] {
  const node = nodeAt(to, from, path);
  return isSeq(node) ? node.items.flatMap((item) => to.resolve(item) ?? []) : [];
}

function textAt(to: Collector, from: YAMLMap, path: readonly string[]): string | undefined {
  const node = nodeAt(to, from, path);
  return isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
}

/** Reads a `fly.toml`: `min_machines_running`, a `count`, and the variables of `[env]`. */
export function readFly(text: string): DeploymentFacts {
  if (text.length > textLimit) return nothing;
  const workloads: Workload[] = [];
  const settings: ReleaseSetting[] = [];
  let table = '';
  let app: string | undefined;
  for (const match of text.matchAll(/^[ \t]*(?:\[+[ \t]*([\w.-]+)[ \t]*\]+|([\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*=[ \t]*([^\r\n]*))/gm)) {
    const [whole, header, key, rest] = match;
    if (header !== undefined) {
      table = header;
      continue;
    }
    if (key === undefined || rest === undefined) continue;
    const at = match.index + whole.length - rest.length;
    const quoted = /^"((?:[^"\\]|\\.)*)"|^'([^']*)'/.exec(rest);
    if (table === '' && key === 'app') app = quoted?.[1] ?? quoted?.[2];
    const name = key.replace(/^["']|["']$/g, '');
    if (table === 'env' && isReleaseVariable(name) && quoted) {
      const value = quoted[1] ?? quoted[2] ?? '';
      const start = match.index + whole.indexOf(key);
      settings.push(...variableSettings(name, value, { start, end: at + quoted[0].length }, at + 1));
    }
    const counts =
      name === 'min_machines_running' ? /^(?:http_service|services)$/.test(table) : name === 'count' && /^(?:vm|scale)$/.test(table);
    const number = counts ? /^\d{1,6}(?=\s*(?:#|$))/.exec(rest)?.[0] : undefined;
    if (number === undefined) continue;
    workloads.push({
      count: Number(number),
      kind: 'fly',
      images: [],
      range: { start: at, end: at + number.length },
      ...(app !== undefined && { name: app }),
    });
  }
  return { workloads, settings };
}

const foreign =
  /^(?:postgres|postgresql|postgis|timescaledb|mysql|mariadb|percona|redis|redis-stack|valkey|keydb|nginx|traefik|haproxy|envoy|caddy|rabbitmq|kafka|cp-kafka|zookeeper|cp-zookeeper|redpanda|elasticsearch|opensearch|kibana|grafana|prometheus|alertmanager|loki|tempo|jaeger|opentelemetry-collector|otel|minio|mongo|mongodb|cassandra|scylla|clickhouse|clickhouse-server|memcached|consul|vault|etcd|nats|mailhog|mailpit|adminer|pgadmin4?|pgbouncer|localstack|influxdb|cockroach|busybox|cadvisor|node-exporter|toxiproxy|keycloak|selenium|chrome|pulsar|couchdb|couchbase|neo4j|dynamodb-local|ethereum|geth)(?:-|$)/;

/** Whether a workload runs somebody else's program: every image is a well-known one, and none is called like this project. */
export function isForeign(workload: Workload, apps: readonly string[]): boolean {
  if (workload.images.length === 0) return false;
  return workload.images.every((image) => {
    const name = imageName(image);
    return foreign.test(name) && !apps.some((app) => sameName(name, app));
  });
}

/** Whether the workload or one of its images is called like an application of this project. */
export function isNamedLike(workload: Workload, apps: readonly string[]): boolean {
  const names = [...(workload.name === undefined ? [] : [workload.name]), ...workload.images.map(imageName)];
  return names.some((name) => apps.some((app) => sameName(name, app)));
}

/** `registry/team/my-app:1.2` → `my-app`. */
function imageName(image: string): string {
  return (image.split('@')[0] ?? '').replace(/^.*\//, '').replace(/:.*$/, '').toLowerCase();
}

function sameName(name: string, app: string): boolean {
  const [left, right] = [name, app].map((text) => text.toLowerCase().replaceAll('_', '-')) as [string, string];
  return left === right || left.startsWith(`${right}-`);
}

/** What a design decision asks: data that the wizard, the page, the CLI and the parser of answers files share. Ids are part of the file format. */

/** One possible answer. */
export interface Choice<Id extends string = string> {
  readonly id: Id;
  /** A few words, as in a list. */
  readonly text: string;
  /** One line that tells this choice from its neighbours. */
  readonly detail: string;
}

/** Limits of an answer that is a number. */
export interface NumberRange {
  readonly minimum: number;
  readonly maximum: number;
  /** Whether only whole numbers make sense. */
  readonly whole: boolean;
  readonly unit: string;
  /** Values that stand for the magnitudes that matter: used to find out whether the answer could change the decision. */
  readonly magnitudes: readonly number[];
}

/** When a question of a class is worth asking: always, or only for some kinds. It may be answered all the same. */
export type Asked = 'always' | { readonly kinds: readonly Kind[] };

interface QuestionBase {
  readonly scope: 'cluster' | 'class';
  /** The question itself. */
  readonly text: string;
  /** What the answer decides, in one or two sentences. */
  readonly help: string;
  readonly asked: Asked;
  /** What an input shows first; unknown unless said. */
  readonly default: 'unknown';
}

/** A question; `unknown` is a legal answer to each. */
export type Question = QuestionBase &
  (
    | { readonly id: QuestionId; readonly kind: 'one'; readonly choices: readonly Choice[] }
    | { readonly id: QuestionId; readonly kind: 'many'; readonly choices: readonly Choice[] }
    | { readonly id: QuestionId; readonly kind: 'number'; readonly range: NumberRange }
    | { readonly id: QuestionId; readonly kind: 'boolean' }
  );

export const membershipChoices = [
  { id: 'fixed', text: 'Fixed', detail: 'The same nodes until a person changes the list.' },
  { id: 'changing', text: 'Changing', detail: 'Autoscaling or frequent replacement: nodes join and leave by themselves.' },
] as const satisfies readonly Choice[];

export const geographyChoices = [
  { id: 'one-data-centre', text: 'One data centre', detail: 'One zone, well under a millisecond between nodes.' },
  { id: 'zones', text: 'Several zones of one region', detail: 'One to two milliseconds; a zone can fail or be cut off as a whole.' },
  { id: 'regions', text: 'Several regions', detail: 'Tens to hundreds of milliseconds; the links between are the first to fail.' },
] as const satisfies readonly Choice[];

export const networkChoices = [
  { id: 'trusted', text: 'Trusted', detail: 'Only our own machines can reach the distribution port: private network, mesh or VPN.' },
  {
    id: 'untrusted',
    text: 'Untrusted',
    detail: 'Others can reach the nodes, or some nodes belong to others: peer to peer, edge devices, shared hosts.',
  },
] as const satisfies readonly Choice[];

export const platformChoices = [
  { id: 'kubernetes-pods', text: 'Kubernetes, Deployment', detail: 'Pods with changing names and addresses, found through the API.' },
  { id: 'kubernetes-statefulset', text: 'Kubernetes, StatefulSet', detail: 'Stable pod names behind a headless service.' },
  { id: 'kubernetes-dns', text: 'Kubernetes, headless service', detail: 'Pods found through DNS alone, without access to the API.' },
  { id: 'fly', text: 'Fly', detail: 'Machines of one app, found through the private DNS.' },
  { id: 'ec2', text: 'EC2', detail: 'Instances found by a tag.' },
  { id: 'consul', text: 'Consul', detail: 'Nodes register themselves as a service.' },
  { id: 'nomad', text: 'Nomad', detail: 'Allocations registered as a service in Consul.' },
  { id: 'static-hosts', text: 'Static hosts', detail: 'A known list of node names.' },
  { id: 'gossip', text: 'Gossip on a LAN', detail: 'UDP multicast or broadcast; not routed in most clouds.' },
  { id: 'postgres', text: 'Postgres', detail: 'Nodes announce themselves with LISTEN and NOTIFY on a database they all reach.' },
  { id: 'local', text: 'Local development', detail: 'Several nodes on one machine.' },
] as const satisfies readonly Choice[];

export const presentChoices = [
  { id: 'none', text: 'None of these', detail: 'A new system, or one without them.' },
  { id: 'phoenix', text: 'Phoenix', detail: 'With Phoenix.PubSub: Tracker and Presence are at hand.' },
  { id: 'postgres', text: 'Ecto with Postgres', detail: 'One primary that serialises writes, run and backed up already.' },
  { id: 'redis', text: 'Redis', detail: 'Run and monitored already.' },
  { id: 'etcd-consul', text: 'etcd or Consul', detail: 'A consensus service run by the platform.' },
  { id: 'oban', text: 'Oban', detail: 'Jobs in the database, with one leader elected through it.' },
  { id: 'horde', text: 'Horde', detail: 'Distributed registry and supervisor on CRDTs.' },
] as const satisfies readonly Choice[];

export const experienceChoices = [
  { id: 'none', text: 'None', detail: 'Nobody has run a Raft or Paxos system.' },
  { id: 'some', text: 'Some', detail: 'Read about, tried out, or used as a client of etcd or the like.' },
  { id: 'production', text: 'In production', detail: 'The team has restored a lost quorum and changed members of a live group.' },
] as const satisfies readonly Choice[];

export const operationsChoices = [
  { id: 'minimal', text: 'As little as possible', detail: 'No new stateful service, no runbook of its own.' },
  { id: 'moderate', text: 'Moderate', detail: 'One more thing to monitor is fine when it earns its keep.' },
  { id: 'high', text: 'High', detail: 'People on call who run stateful systems for a living.' },
] as const satisfies readonly Choice[];

export const kindChoices = [
  { id: 'inventory', text: 'Inventory, stock, seats', detail: 'Numbers that must not be sold twice.' },
  { id: 'money', text: 'Money', detail: 'Balances, transfers, a ledger.' },
  { id: 'configuration', text: 'Configuration', detail: 'Settings and feature flags: read all the time, written rarely.' },
  { id: 'leader', text: 'Leader or singleton process', detail: 'One process that must run once in the cluster.' },
  { id: 'lock', text: 'Lock or lease', detail: 'Exclusive use of something for a while.' },
  { id: 'job', text: 'Job queue or scheduler', detail: 'Work that is due at a time or waits its turn.' },
  { id: 'session', text: 'Session', detail: 'What a server remembers of one visitor.' },
  { id: 'cart', text: 'Shopping cart', detail: 'A set of items that one user edits, perhaps on two devices.' },
  { id: 'counter', text: 'Social counter', detail: 'Likes, views, follows: large, approximate, always incremented.' },
  { id: 'presence', text: 'Presence', detail: 'Who is online, where, with which metadata.' },
  { id: 'document', text: 'Collaborative document', detail: 'Text or structure that several people edit at the same time.' },
  { id: 'cache', text: 'Cache', detail: 'Copies of something that has its truth elsewhere.' },
  { id: 'rate-limiter', text: 'Rate limiter', detail: 'Counts per client and window that refuse the excess.' },
  { id: 'metrics', text: 'Metrics', detail: 'Counts and measurements for dashboards.' },
  { id: 'messaging', text: 'Chat or notifications', detail: 'Messages from one to many, seen now or later.' },
  { id: 'device-state', text: 'Device state', detail: 'What each of many devices last reported or should do.' },
  { id: 'id-allocation', text: 'Id allocation', detail: 'Numbers or names that must never be given twice.' },
] as const satisfies readonly Choice[];

export const consistencyChoices = [
  { id: 'eventual', text: 'Eventual', detail: 'A reader may see old values; replicas agree once writes stop and links work.' },
  { id: 'read-your-writes', text: 'Read your writes', detail: 'A client sees its own writes, others may see them later.' },
  { id: 'causal', text: 'Causal', detail: 'Who sees an answer has seen the question; unrelated writes come in any order.' },
  { id: 'sequential', text: 'Sequential', detail: 'Everyone sees all writes in one order, perhaps late.' },
  { id: 'linearizable', text: 'Linearizable', detail: 'A read sees every write that was acknowledged before it began.' },
] as const satisfies readonly Choice[];

export const partitionChoices = [
  {
    id: 'refuse-minority',
    text: 'Refuse on the minority side',
    detail: 'The side with a majority goes on; the other says no until the link is back.',
  },
  {
    id: 'serve-stale-reads',
    text: 'Serve stale reads only',
    detail: 'Every side answers reads from what it has; writes need the majority.',
  },
  {
    id: 'serve-both-sides',
    text: 'Serve both sides, merge later',
    detail: 'Every side reads and writes; the results are merged after the heal.',
  },
] as const satisfies readonly Choice[];

export const invariantChoices = [
  { id: 'none', text: 'None', detail: 'Any combination of writes is acceptable.' },
  { id: 'unique', text: 'Unique', detail: 'No two items may have the same name or number.' },
  { id: 'never-negative', text: 'Never negative', detail: 'No oversell, no overdraft.' },
  { id: 'sum-conserved', text: 'Sum conserved', detail: 'What leaves one place arrives at another, once.' },
  { id: 'one-holder', text: 'At most one holder', detail: 'Two holders at once are a fault, however short.' },
] as const satisfies readonly Choice[];

export const conflictChoices = [
  { id: 'impossible', text: 'Impossible', detail: 'Each item has one writer, so two writes never meet.' },
  { id: 'commutative', text: 'Commutative', detail: 'Increments and decrements: any order gives the same result.' },
  { id: 'sets', text: 'Sets', detail: 'Adding and removing members; an add may win over a concurrent remove.' },
  { id: 'last-value', text: 'Last value is fine', detail: 'One of two concurrent values may vanish without anybody missing it.' },
  { id: 'ask-person', text: 'Must be shown to a person', detail: 'Both versions are kept until somebody chooses.' },
] as const satisfies readonly Choice[];

export const routingChoices = [
  { id: 'sticky', text: 'Sticky', detail: 'A client returns to the same node as long as that node lives.' },
  { id: 'any-node', text: 'Any node', detail: 'Each request may reach another node.' },
] as const satisfies readonly Choice[];

export const durabilityChoices = [
  { id: 'may-be-lost', text: 'May be lost', detail: 'Can be rebuilt or is worth nothing after a restart.' },
  { id: 'one-node', text: 'Survives one node', detail: 'The restart or loss of one node loses nothing.' },
  { id: 'all-nodes', text: 'Survives all nodes', detail: 'The restart of every node at once loses nothing: it is on disk.' },
] as const satisfies readonly Choice[];

export const costChoices = [
  { id: 'none', text: 'None', detail: 'Nobody notices.' },
  { id: 'annoying', text: 'Annoying', detail: 'Somebody notices and shrugs.' },
  { id: 'serious', text: 'Serious', detail: 'Support, refunds, an incident review.' },
  { id: 'critical', text: 'Critical', detail: 'Money, safety, law or reputation.' },
] as const satisfies readonly Choice[];

export type Membership = (typeof membershipChoices)[number]['id'];
export type Geography = (typeof geographyChoices)[number]['id'];
export type Network = (typeof networkChoices)[number]['id'];
export type Platform = (typeof platformChoices)[number]['id'];
export type Present = (typeof presentChoices)[number]['id'];
export type Experience = (typeof experienceChoices)[number]['id'];
export type Operations = (typeof operationsChoices)[number]['id'];
export type Kind = (typeof kindChoices)[number]['id'];
export type Consistency = (typeof consistencyChoices)[number]['id'];
export type PartitionBehaviour = (typeof partitionChoices)[number]['id'];
export type Invariant = (typeof invariantChoices)[number]['id'];
export type Conflicts = (typeof conflictChoices)[number]['id'];
export type Routing = (typeof routingChoices)[number]['id'];
export type Durability = (typeof durabilityChoices)[number]['id'];
export type Cost = (typeof costChoices)[number]['id'];

/** What is known of the cluster; an absent answer is unknown. */
export interface ClusterAnswers {
  /** Nodes today. */
  readonly size?: number;
  /** Nodes expected within the life of the design. */
  readonly projectedSize?: number;
  readonly membership?: Membership;
  readonly geography?: Geography;
  /** Round trip between the farthest members, in milliseconds. */
  readonly roundTripMs?: number;
  readonly network?: Network;
  readonly platform?: Platform;
  readonly present?: readonly Present[];
  readonly consensusExperience?: Experience;
  readonly operations?: Operations;
}

/** What is known of one class of data or process; an absent answer is unknown. */
export interface ClassAnswers {
  readonly kind?: Kind;
  readonly consistency?: Consistency;
  readonly partition?: PartitionBehaviour;
  readonly invariants?: readonly Invariant[];
  readonly conflicts?: Conflicts;
  /** Clients write while disconnected. */
  readonly offline?: boolean;
  readonly routing?: Routing;
  readonly writesPerSecond?: number;
  readonly readsPerWrite?: number;
  readonly bytesPerItem?: number;
  readonly items?: number;
  readonly durability?: Durability;
  readonly lostUpdate?: Cost;
  readonly duplicateExecution?: Cost;
  /** Cost of a minute without answers. */
  readonly unavailability?: Cost;
}

export type ClusterQuestionId = keyof ClusterAnswers;
export type ClassQuestionId = keyof ClassAnswers;
export type QuestionId = ClusterQuestionId | ClassQuestionId;

/** Kinds that are processes or work rather than data. */
export const processKinds: readonly Kind[] = ['leader', 'lock', 'job'];

const dataKinds: readonly Kind[] = kindChoices.map((choice) => choice.id).filter((kind) => !processKinds.includes(kind));

/** The questions about the cluster, in the order they are asked. */
export const clusterQuestions: readonly (Question & { readonly id: ClusterQuestionId })[] = [
  {
    ...cluster('size', 'How many nodes are there today?', 'Decides the quorum, and whether every node can talk to every other.'),
    kind: 'number',
    range: { minimum: 1, maximum: 1_000_000, whole: true, unit: 'nodes', magnitudes: [2, 3, 5, 60, 120] },
  },
  {
    ...cluster(
      'projectedSize',
      'How many nodes will there be?',
      'The largest number within the life of this design. The topology is chosen for it, not for today.',
    ),
    kind: 'number',
    range: { minimum: 1, maximum: 1_000_000, whole: true, unit: 'nodes', magnitudes: [3, 45, 120] },
  },
  {
    ...cluster(
      'membership',
      'Does the set of nodes change by itself?',
      'Voters of a quorum must be changed one at a time and on purpose; an autoscaler does neither.',
    ),
    kind: 'one',
    choices: membershipChoices,
  },
  {
    ...cluster('geography', 'Where are the nodes?', 'Every write that needs a majority waits for the nearest one.'),
    kind: 'one',
    choices: geographyChoices,
  },
  {
    ...cluster(
      'roundTripMs',
      'How long is a round trip between the farthest nodes?',
      'The price of one agreement, in milliseconds. Measure it: ping, or time an :erpc.call/5.',
    ),
    kind: 'number',
    range: { minimum: 0, maximum: 10_000, whole: false, unit: 'ms', magnitudes: [1, 30, 180] },
  },
  {
    ...cluster(
      'network',
      'Is the network between the nodes trusted?',
      'Distributed Erlang gives every connected node full control of every other; the cookie is not a security boundary.',
    ),
    kind: 'one',
    choices: networkChoices,
  },
  {
    ...cluster(
      'platform',
      'Where do the nodes run, and how do they find each other?',
      'Decides the strategy of libcluster and the keys it needs.',
    ),
    kind: 'one',
    choices: platformChoices,
  },
  {
    ...cluster('present', 'What do you run already?', 'A service that is there, monitored and backed up beats a better one that is not.'),
    kind: 'many',
    choices: presentChoices,
  },
  {
    ...cluster(
      'consensusExperience',
      'How much experience with consensus does the team have?',
      'Lost quorums and stuck membership changes are repaired by people.',
    ),
    kind: 'one',
    choices: experienceChoices,
  },
  {
    ...cluster(
      'operations',
      'How much operation can the team take on?',
      'Each stateful part needs monitoring, upgrades and a rehearsed recovery.',
    ),
    kind: 'one',
    choices: operationsChoices,
  },
];

/** The questions about each class of data or process, in the order they are asked. */
export const classQuestions: readonly (Question & { readonly id: ClassQuestionId })[] = [
  {
    ...ofClass('kind', 'What is it?', 'Decides which options are considered, and what is presumed until you answer it.'),
    kind: 'one',
    choices: kindChoices,
  },
  {
    ...ofClass('consistency', 'What may a reader see?', 'The guarantee on reads and writes. Each step up costs latency and availability.'),
    kind: 'one',
    choices: consistencyChoices,
  },
  {
    ...ofClass(
      'partition',
      'What should happen while the network is split?',
      'Nobody can refuse nothing and diverge never: this is the choice that CAP leaves you.',
    ),
    kind: 'one',
    choices: partitionChoices,
  },
  {
    ...ofClass(
      'invariants',
      'What must never be broken?',
      'A rule over all replicas needs one order of writes. It rules options out, whatever else is in their favour.',
    ),
    kind: 'many',
    choices: invariantChoices,
  },
  {
    ...ofClass('conflicts', 'What if two people change the same item at once?', 'Decides whether a merge can be automatic.', dataKinds),
    kind: 'one',
    choices: conflictChoices,
  },
  {
    ...ofClass(
      'offline',
      'Do clients write while disconnected?',
      'A disconnected client is a side of a partition that must be served.',
      dataKinds,
    ),
    kind: 'boolean',
  },
  {
    ...ofClass('routing', 'Which node does a client reach?', 'With sticky routing a copy on the other nodes is rarely read.', [
      'session',
      'cache',
      'rate-limiter',
      'cart',
    ]),
    kind: 'one',
    choices: routingChoices,
  },
  {
    ...ofClass(
      'writesPerSecond',
      'How many writes per second?',
      'At the peak, over all items. Compared with what one leader or one primary can order.',
    ),
    kind: 'number',
    range: { minimum: 0, maximum: 1_000_000_000, whole: false, unit: 'writes/s', magnitudes: [10, 2_000, 50_000] },
  },
  {
    ...ofClass('readsPerWrite', 'How many reads per write?', 'Many reads favour options that answer from the local node.', dataKinds),
    kind: 'number',
    range: { minimum: 0, maximum: 1_000_000_000, whole: false, unit: 'reads per write', magnitudes: [1, 1_000] },
  },
  {
    ...ofClass(
      'bytesPerItem',
      'How large is an item?',
      'With the number of items it says whether every node can hold everything in memory.',
      dataKinds,
    ),
    kind: 'number',
    range: { minimum: 0, maximum: 1_000_000_000_000, whole: true, unit: 'bytes', magnitudes: [100, 100_000] },
  },
  {
    ...ofClass(
      'items',
      'How many items are there?',
      'With the size of an item it says whether every node can hold everything in memory.',
      dataKinds,
    ),
    kind: 'number',
    range: { minimum: 0, maximum: 1_000_000_000_000, whole: true, unit: 'items', magnitudes: [1_000, 100_000_000] },
  },
  {
    ...ofClass(
      'durability',
      'What must it survive?',
      'Memory on several nodes survives one of them; only a disk survives a restart of all.',
    ),
    kind: 'one',
    choices: durabilityChoices,
  },
  {
    ...ofClass(
      'lostUpdate',
      'What does a lost update cost?',
      'An acknowledged write that vanishes after a merge or a failover.',
      dataKinds,
    ),
    kind: 'one',
    choices: costChoices,
  },
  {
    ...ofClass(
      'duplicateExecution',
      'What does doing it twice cost?',
      'Two leaders, two holders or a job that runs on both sides of a split.',
      [...processKinds, 'money', 'messaging'],
    ),
    kind: 'one',
    choices: costChoices,
  },
  {
    ...ofClass(
      'unavailability',
      'What does a minute without answers cost?',
      'The price of refusing on the minority side and of a failover.',
    ),
    kind: 'one',
    choices: costChoices,
  },
];

/** All questions, those of the cluster first. */
export const questions: readonly Question[] = [...clusterQuestions, ...classQuestions];

/** The question with this id. */
export function questionOf(id: QuestionId): Question {
  return questions.find((question) => question.id === id) ?? (questions[0] as Question);
}

/** Whether the question is worth asking, given what is known of the class. Without a kind every question is. */
export function isAsked(question: Question, answers: ClassAnswers): boolean {
  return question.asked === 'always' || answers.kind === undefined || question.asked.kinds.includes(answers.kind);
}

/** An answer in words: `Linearizable`, `5 nodes`, `Never negative, unique`; `unknown` when absent. */
export function answerText(id: QuestionId, value: unknown): string {
  const question = questionOf(id);
  if (value === undefined) return 'unknown';
  if (question.kind === 'boolean') return value === true ? 'Yes' : 'No';
  if (question.kind === 'number') return `${grouped(Number(value))} ${question.range.unit}`;
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.map((one) => question.choices.find((choice) => choice.id === one)?.text ?? String(one)).join(', ');
}

/** A number with commas between thousands: `7,140`. The same everywhere, whatever the locale. */
export function grouped(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const [whole = '', fraction] = String(value).split('.');
  if (whole.includes('e')) return String(value);
  const withCommas = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? withCommas : `${withCommas}.${fraction}`;
}

function cluster<Id extends ClusterQuestionId>(id: Id, text: string, help: string) {
  return { id, scope: 'cluster', text, help, asked: 'always', default: 'unknown' } as const;
}

function ofClass<Id extends ClassQuestionId>(id: Id, text: string, help: string, kinds?: readonly Kind[]) {
  return { id, scope: 'class', text, help, asked: kinds ? { kinds } : 'always', default: 'unknown' } as const;
}

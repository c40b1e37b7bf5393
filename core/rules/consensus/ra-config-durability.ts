import { callsTo, type FileFacts } from '../../facts/facts';
import { visibleNodesBehind } from '../../facts/membership';
import { firstMembers } from '../../facts/ra';
import type { Place, ProjectFacts } from '../../project/project';
import type { Finding, Rule } from '../../rule';

/** What brings members of a cluster to life on this node. */
const servers = [
  ':ra_system.start_default',
  ':ra.start_cluster',
  ':ra.start_or_restart_cluster',
  ':ra.start_server',
  ':ra.restart_server',
] as const;

export default {
  id: 'ra-config-durability',
  summary: 'A `:ra` cluster that loses its log, or is formed by whoever is visible.',
  category: 'consistency',
  severity: 'warning',
  rationale: `
    Raft promises that what was committed is never lost, as long as members come back with their log and everybody agrees who the members are.

    - **The log.** Without \`data_dir\` it goes to the working directory of the VM, which a new container or release does not have. A member that
      comes back empty votes again, and a majority of such members has forgotten what it had confirmed. Set \`config :ra, data_dir: ~c"/…"\` to a
      directory on a volume. Reported once, in projects that are deployed, where nothing names a directory.
    - **The name.** \`:ra\` appends the name of the node to the directory. With the address of a pod in the name, a rescheduled member starts
      with an empty log beside the old one. Use a name that stays, such as that of a StatefulSet's pod. Reported where the node gets its name:
      \`rel/env.sh.eex\`, \`vm.args\`, a deployment file.
    - **The members.** A list made of \`Node.list()\` holds who was connected just then. Two nodes that boot apart form two clusters, each with a
      leader of its own. Write the members down in the configuration, the same list on every node.`,
  references: [
    'https://hexdocs.pm/ra/ra_system.html',
    'https://raft.github.io/raft.pdf',
    'https://github.com/rabbitmq/rabbitmq-peer-discovery-k8s/issues/18',
  ],
  examples: [
    {
      title: 'Members are who is visible',
      bad: `
        def form do
          ids = for node <- [node() | Node.list()], do: {:stock, node}
          :ra.start_cluster(:default, :stock, {:module, Shop.Stock, %{}}, ids)
          #                                                               ^^^
        end`,
    },
    {
      title: 'In a function of its own',
      bad: `
        defmodule Shop.Cluster do
          def start(id) do
            :ra.start_server(:default, "stock", id, {:module, Shop.Stock, %{}}, members())
            #                                                                   ^^^^^^^^^
          end

          defp members, do: Enum.map([node() | Node.list()], &{:stock, &1})
        end`,
    },
    {
      title: 'No directory',
      path: 'lib/shop/cluster.ex',
      project: {
        'mix.exs': 'defmodule Shop.MixProject do\n  def project, do: [app: :shop, deps: [{:ra, "~> 2.14"}]]\nend',
        'config/runtime.exs': 'import Config\nconfig :shop, port: 4000',
      },
      bad: `
        def start do
          :ra_system.start_default()
        # ^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'A name that changes',
      path: 'rel/env.sh.eex',
      project: {
        'mix.exs': 'defmodule Shop.MixProject do\n  def project, do: [app: :shop, deps: [{:ra, "~> 2.14"}]]\nend',
        'config/config.exs': 'import Config\nconfig :ra, data_dir: ~c"/var/lib/shop/ra"',
        'lib/shop/cluster.ex': 'defmodule Shop.Cluster do\n  def start, do: :ra_system.start_default()\nend',
      },
      bad: `
        export RELEASE_DISTRIBUTION=name
        export RELEASE_NODE=shop@$POD_IP
        #      ^^^^^^^^^^^^^^^^^^^^^^^^^`,
    },
    {
      title: 'Configured',
      path: 'lib/shop/cluster.ex',
      project: {
        'mix.exs': 'defmodule Shop.MixProject do\n  def project, do: [app: :shop, deps: [{:ra, "~> 2.14"}]]\nend',
        'config/runtime.exs': 'import Config\nconfig :ra, data_dir: String.to_charlist(System.fetch_env!("RA_DIR"))',
        'rel/env.sh.eex': 'export RELEASE_DISTRIBUTION=name\nexport RELEASE_NODE=shop@$POD_NAME.shop\n',
      },
      good: `
        def form do
          :ra_system.start_default()
          ids = for node <- Application.fetch_env!(:shop, :members), do: {:stock, node}
          :ra.start_cluster(:default, :stock, {:module, Shop.Stock, %{}}, ids)
        end`,
    },
    { title: 'A file alone does not say where the log is', good: ':ra_system.start_default()' },
  ],
  triggers: { calls: [...servers], manifestWords: ['RELEASE_NODE', 'name'] },

  *check(file, { project }) {
    for (const members of firstMembers(file)) {
      const seen = visibleNodesBehind(file, members);
      if (!seen) continue;
      yield {
        range: members.range,
        message:
          'The first members are whoever is connected just now, so nodes that start apart form clusters of their own. Take them from the configuration.',
        ...(seen.range.start < members.range.start && { related: [{ message: 'The visible nodes are read here.', range: seen.range }] }),
      };
    }
    if (project && !isScript(file.path) && isFirst(file, project)) yield* withoutDirectory(file, project);
  },

  *checkProject(project) {
    const named = usesRa(project) ? addressedName(project) : undefined;
    const [start] = named ? startsOf(project) : [];
    if (!named || !start || !namesDirectory(project)) return;
    yield {
      path: named.path,
      range: named.range,
      message:
        "The log of `:ra` is kept under the name of the node, which has the pod's address in it: a rescheduled member starts empty. Use a name that stays.",
      related: [{ message: 'A member of the cluster starts here.', ...start }],
    };
  },
} satisfies Rule;

function usesRa({ dependencies }: ProjectFacts): boolean {
  const dependency = dependencies.get('ra');
  return dependency !== undefined && !dependency.only?.every((environment) => environment === 'test');
}

/** At the first start of the project. */
function* withoutDirectory(file: FileFacts, project: ProjectFacts): Iterable<Finding> {
  const [first] = callsTo(file, servers);
  if (!first || !usesRa(project)) return;
  if (isDeployed(project) && !namesDirectory(project)) {
    yield {
      range: first.callee,
      message:
        'No `data_dir` is set, so the log goes to the working directory, which a new container or release does not have. Configure one on a volume.',
    };
  }
}

/** Anything that may set it: configuration, an argument, a library that brings `:ra` with it. */
function namesDirectory(project: ProjectFacts): boolean {
  if (['data_dir', 'start_in', 'khepri'].some((word) => project.words.has(word))) return true;
  return project.dependencies.has('khepri') || project.release.some(({ name, value }) => /\bra\b|data_dir/.test(`${name} ${value}`));
}

function isDeployed(project: ProjectFacts): boolean {
  if (project.release.length > 0 || project.replicas.length > 0) return true;
  return [...project.files.keys()].some((path) => /(?:^|\/)config\/(?:runtime|prod|releases)\.exs$/.test(path));
}

function addressedName(project: ProjectFacts): Place | undefined {
  return project.release.find(
    ({ name, value }) =>
      /^(?:RELEASE_NODE|-name)$/.test(name) && /@.*(?:\b|_)(?:POD_?|HOST_?|CONTAINER_?|PRIVATE_)?IPV?[46]?\b|hostname -[iI]/.test(value),
  );
}

function isFirst(file: FileFacts, project: ProjectFacts): boolean {
  return !startsOf(project).some(({ path }) => path < file.path);
}

function startsOf(project: ProjectFacts): readonly Place[] {
  return servers.flatMap((name) => project.calls.get(name) ?? []).filter(({ path }) => !isScript(path));
}

function isScript(path: string): boolean {
  return path.endsWith('.exs') || /(?:^|\/)(?:test|bench)\//.test(path);
}

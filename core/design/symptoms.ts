/** From what is seen to what may be wrong: symptoms with ordered hypotheses, the rules that look for them, how to confirm and to reproduce them. */

export interface Symptom {
  readonly id: SymptomId;
  /** As a person would say it. */
  readonly title: string;
  /** What it looks like in logs and in the product. */
  readonly looksLike: string;
  /** Most likely first. */
  readonly hypotheses: readonly Hypothesis[];
}

export interface Hypothesis {
  readonly cause: string;
  /** How the cause makes the symptom. */
  readonly mechanism: string;
  /** Rules that look for it in the code. */
  readonly rules: readonly string[];
  readonly confirm: readonly Confirmation[];
  readonly reproduce: readonly string[];
  /** `before` and `after` are Elixir unless `language` says otherwise. */
  readonly fix: { readonly text: string; readonly before?: string; readonly after: string; readonly language?: 'sh' };
  readonly prevent: string;
}

/** A look at a running system, in IEx on one of its nodes. */
export interface Confirmation {
  readonly what: string;
  readonly code: string;
  /** What the answer looks like when the hypothesis is right. */
  readonly expect: string;
}

export type SymptomId =
  | 'duplicate-leaders'
  | 'nodes-disagree'
  | 'counter-loses-increments'
  | 'messages-vanish'
  | 'lock-held-twice'
  | 'jobs-on-every-node'
  | 'node-never-rejoins'
  | 'cluster-drops-nodes'
  | 'memory-grows'
  | 'ghost-presences'
  | 'calls-hang'
  | 'second-node-fails-to-boot'
  | 'consensus-group-stops'
  | 'applied-twice'
  | 'expires-at-wrong-time';

const partitionTest =
  'In a test: start three nodes with :peer on loopback, give one a different cookie towards the others and disconnect it, act on both sides, give the cookie back, connect again.';
const dropPackets =
  'On a staging host: `iptables -A INPUT -s PEER -j DROP`, and `iptables -D INPUT -s PEER -j DROP` to heal. Nothing is closed: the loss is silent, and noticed after 45 to 75 s.';
const toxiproxy =
  'Between a node and a service: toxiproxy with `toxiproxy-cli toxic add -t timeout -a timeout=0 NAME` for a silent loss, `-t latency -a latency=500` for a slow link.';
const freeze = 'Pause the VM: `kill -STOP PID`, act elsewhere for longer than the lease, `kill -CONT PID`.';

const whoSeesWhom: Confirmation = {
  what: 'Who sees whom',
  code: 'nodes = [node() | Node.list()]\nEnum.zip(nodes, :erpc.multicall(nodes, Node, :list, [], 5_000))',
  expect: 'Rows of different length: nodes see different clusters.',
};

/** The symptoms, those that people report most first. */
export const symptoms: readonly Symptom[] = [
  {
    id: 'duplicate-leaders',
    title: 'Two leaders, or a singleton runs twice',
    looksLike: 'Two nodes log that they lead, work is done twice, mostly after network trouble or a deploy.',
    hypotheses: [
      {
        cause: 'The election asks who is visible, not how many there should be',
        mechanism: 'Each side of a split takes the first of the nodes it sees, or computes a majority of those; both have a leader.',
        rules: [
          'election-by-node-order',
          'election-without-quorum',
          'quorum-from-visible-nodes',
          'quorum-half-is-not-majority',
          'quorum-forgets-self',
          'bootstrap-by-sleep',
        ],
        confirm: [
          whoSeesWhom,
          {
            what: 'Who believes to lead',
            code: 'nodes = [node() | Node.list()]\nEnum.zip(nodes, :erpc.multicall(nodes, MyApp.Leader, :leader?, [], 5_000))',
            expect: 'More than one `{:ok, true}`.',
          },
        ],
        reproduce: [
          partitionTest,
          'Cut five nodes 3 | 2, stop the leader on the side of three: that side elects, the side of two must not.',
        ],
        fix: {
          text: 'Compare with the configured size, count yourself, and let the resource check a term or fencing number: a quorum check alone does not stop a leader that was paused after it.',
          before: 'def leader?, do: node() == Enum.min([node() | Node.list()])',
          after: 'def quorum? do\n  length([node() | Node.list()]) >= div(Application.fetch_env!(:my_app, :cluster_size), 2) + 1\nend',
        },
        prevent: 'Elect through :ra or a database; keep a partition test that counts leaders.',
      },
      {
        cause: ':global, Highlander, syn or Swarm hold the name',
        mechanism: 'Names are registered per side of a split, and one of the two is stopped only when the sides meet again.',
        rules: [
          'global-default-resolver-kills',
          'global-conflict-message-unhandled',
          'global-singleton-no-takeover',
          'syn-wall-clock-conflict',
          'swarm-static-quorum-misconfigured',
        ],
        confirm: [
          {
            what: 'Who holds the name',
            code: 'nodes = [node() | Node.list()]\nEnum.zip(nodes, :erpc.multicall(nodes, :global, :whereis_name, [MyApp.Singleton], 5_000))',
            expect: 'Different pids, or `:undefined` on some nodes.',
          },
        ],
        reproduce: [partitionTest],
        fix: {
          text: 'Accept two during a split and make the work idempotent, or move the role to something with a majority.',
          before: 'GenServer.start_link(__MODULE__, [], name: {:global, __MODULE__})',
          after: 'def handle_info({:global_name_conflict, _name}, state), do: {:stop, :shutdown, state}',
        },
        prevent: 'Write down per singleton whether two for a minute are harmless; where they are not, use a lease with fencing.',
      },
      {
        cause: 'Horde does not stop what runs on the minority side',
        mechanism:
          'From 0.8.4 to 0.10.0 a node without quorum keeps its children; with `members: :auto` it never notices that it lost the quorum.',
        rules: ['horde-quorum-with-auto-members', 'horde-quorum-not-enforced', 'horde-name-conflict-swallowed', 'horde-members-missing'],
        confirm: [
          {
            what: 'Members as each node sees them',
            code: 'nodes = [node() | Node.list()]\nEnum.zip(nodes, :erpc.multicall(nodes, Horde.Cluster, :members, [MyApp.Supervisor], 5_000))',
            expect: 'Lists that shrink to the own side.',
          },
        ],
        reproduce: [partitionTest],
        fix: {
          text: 'A static list of members makes the minority refuse new children; for “at most one” use :ra, a database lock, or a lease with fencing.',
          before:
            '{Horde.DynamicSupervisor,\n name: MyApp.Supervisor,\n strategy: :one_for_one,\n members: :auto,\n distribution_strategy: Horde.UniformQuorumDistribution}',
          after:
            'def handle_info({:EXIT, _from, {:name_conflict, _key_value, _registry, _winner}}, state) do\n  {:stop, :shutdown, state}\nend',
        },
        prevent: 'Handle `:name_conflict` in every child that traps exits, and count conflicts.',
      },
      {
        cause: 'A lease outlived its holder’s clock',
        mechanism: 'The holder was paused, or compared a deadline of another clock; it goes on after somebody else was granted the role.',
        rules: ['clock-wall-lease', 'clock-monotonic-shared', 'clock-wall-local-deadline', 'redis-lock-unsafe'],
        confirm: [
          {
            what: 'Long pauses of the VM',
            code: ':erlang.system_monitor(self(), [{:long_gc, 500}, {:long_schedule, 500}])\nflush()',
            expect: '`{:monitor, pid, :long_gc, info}` around the time of the symptom.',
          },
        ],
        reproduce: [freeze],
        fix: {
          text: 'A duration on the wire, a margin for drift and pauses, and a fencing number that the resource checks.',
          before: 'lease.expires_at > System.system_time(:millisecond)',
          after: 'System.monotonic_time(:millisecond) < sent_at + ttl_ms - margin_ms',
        },
        prevent: 'Alert on refused fencing numbers.',
      },
    ],
  },
  {
    id: 'nodes-disagree',
    title: 'Nodes disagree after a partition',
    looksLike: 'The same question gets different answers on different nodes, for longer than a few seconds after the network is back.',
    hypotheses: [
      {
        cause: 'Mnesia diverged and waits for you',
        mechanism: 'Without `majority: true` both sides went on; Mnesia reports the inconsistency once and never merges.',
        rules: [
          'mnesia-no-partition-strategy',
          'mnesia-schema-from-visible-nodes',
          'mnesia-dirty-read-modify-write',
          'overlapping-partitions-disabled',
        ],
        confirm: [
          {
            what: 'Who runs with whom',
            code: 'nodes = [node() | Node.list()]\nEnum.zip(nodes, :erpc.multicall(nodes, :mnesia, :system_info, [:running_db_nodes], 5_000))',
            expect: 'Groups that do not contain each other.',
          },
        ],
        reproduce: [partitionTest, dropPackets],
        fix: {
          text: 'Choose the side that stays, `:mnesia.set_master_nodes/1` on the others, restart them. Then `majority: true` and a handler that pages.',
          before: ':mnesia.create_table(:accounts, attributes: [:id, :balance], disc_copies: nodes)',
          after: ':mnesia.create_table(:accounts, attributes: [:id, :balance], disc_copies: nodes, majority: true)',
        },
        prevent: 'Subscribe to `:mnesia.subscribe(:system)` and page on `:inconsistent_database`.',
      },
      {
        cause: 'A CRDT does not talk to all its neighbours',
        mechanism:
          '`set_neighbours/2` is one-way and replaces the list: a node that is missing on one side gets nothing, and nobody says so.',
        rules: ['crdt-one-way-neighbours', 'crdt-neighbours-overwrite'],
        confirm: [
          {
            what: 'The content of every replica',
            code: 'nodes = [node() | Node.list()]\nfor n <- nodes, do: {n, :erpc.call(n, DeltaCrdt, :to_map, [MyApp.Map], 5_000) |> :erlang.phash2()}',
            expect: 'Different hashes in a quiet moment.',
          },
        ],
        reproduce: ['Start two replicas, set neighbours on one only, write on both.'],
        fix: {
          text: 'The whole list, on every node, on every change of membership.',
          before:
            'def handle_info({:nodeup, n}, state) do\n  DeltaCrdt.set_neighbours(MyApp.Map, [{MyApp.Map, n}])\n  {:noreply, state}\nend',
          after:
            'def handle_info({event, _node}, state) when event in [:nodeup, :nodedown] do\n  DeltaCrdt.set_neighbours(MyApp.Map, for(n <- Node.list(), do: {MyApp.Map, n}))\n  {:noreply, state}\nend',
        },
        prevent: 'Compare hashes of replicas from a job.',
      },
      {
        cause: 'The winner of a conflict was chosen by a clock',
        mechanism:
          'Of two writes one is dropped: the one with the lower wall time, or with AWLWWMap that of the node that was started later.',
        rules: ['clock-wall-conflict-winner', 'crdt-lww-not-last-writer', 'clock-monotonic-shared', 'syn-wall-clock-conflict'],
        confirm: [
          {
            what: 'Clocks of the nodes',
            code: 'for n <- Node.list() do\n  before = System.monotonic_time(:millisecond)\n  theirs = :erpc.call(n, System, :system_time, [:millisecond], 5_000)\n  half = div(System.monotonic_time(:millisecond) - before, 2)\n  {n, theirs + half - System.system_time(:millisecond)}\nend',
            expect: 'An offset larger than the time between the writes.',
          },
        ],
        reproduce: ['Cut two replicas, write on the older node first and on the younger a second later, heal: the first write stays.'],
        fix: {
          text: 'Give concurrent writers keys of their own, or a version that says which write followed which.',
          before: 'def merge(a, b), do: if(a.updated_at > b.updated_at, do: a, else: b)',
          after: 'def merge(a, b), do: if({a.version, a.node} > {b.version, b.node}, do: a, else: b)',
        },
        prevent: 'Count dropped versions in the merge.',
      },
      {
        cause: 'A read that may be old is taken for the truth',
        mechanism: 'Local and leader queries of :ra, caches and replicas answer from the past, on a cut-off node from the far past.',
        rules: ['ra-stale-read'],
        confirm: [
          {
            what: 'Who leads, as each node sees it',
            code: 'nodes = [node() | Node.list()]\nEnum.zip(nodes, :erpc.multicall(nodes, :ra_leaderboard, :lookup_leader, [:stock], 5_000))',
            expect: 'Different leaders: one of them was replaced and does not know.',
          },
        ],
        reproduce: [partitionTest],
        fix: {
          text: 'Decide inside the state machine, or read with a consistent query.',
          before: ':ra.leader_query(server, {MyApp.Stock, :available, [sku]}, 5_000)',
          after: ':ra.consistent_query(server, {MyApp.Stock, :available, [sku]}, 5_000)',
        },
        prevent: 'Name functions after what they promise: `available_now/1`, `last_known/1`.',
      },
    ],
  },
  {
    id: 'counter-loses-increments',
    title: 'A counter loses increments',
    looksLike: 'The count is lower than the events that were logged, more so under load or with more nodes.',
    hypotheses: [
      {
        cause: 'Read, add, write back',
        mechanism: 'Two callers read the same value and write the same sum.',
        rules: [
          'ets-read-modify-write',
          'kv-get-then-put',
          'atomics-read-modify-write',
          'mnesia-dirty-read-modify-write',
          'repo-read-modify-write',
        ],
        confirm: [
          {
            what: 'A thousand increments at once',
            code: '1..1_000\n|> Task.async_stream(fn _ -> MyApp.Counter.increment(:probe) end, max_concurrency: 50)\n|> Stream.run()\n\nMyApp.Counter.value(:probe)',
            expect: 'Less than 1,000.',
          },
        ],
        reproduce: ['The code above in a test, with two nodes if the store is shared.'],
        fix: {
          text: 'Let the store do the addition.',
          before: '[{^key, n}] = :ets.lookup(:counters, key)\n:ets.insert(:counters, {key, n + 1})',
          after: ':ets.update_counter(:counters, key, {2, 1}, {key, 0})',
        },
        prevent: 'A test that increments concurrently and compares with the number of calls.',
      },
      {
        cause: 'A CRDT map is incremented by get and put',
        mechanism: 'AWLWWMap merges by key: of two new values for one key one stays, with one increment in it.',
        rules: ['crdt-read-modify-write', 'crdt-unknown-type-or-op'],
        confirm: [
          {
            what: 'Keys of the counter',
            code: 'MyApp.Counters |> DeltaCrdt.to_map() |> Map.keys() |> Enum.take(20)',
            expect: 'Keys without a node: every node writes the same ones.',
          },
        ],
        reproduce: ['Ten increments on each of two connected replicas: ten are left, not twenty.'],
        fix: {
          text: 'One key per node, written by one process there, and the sum when reading.',
          before: 'DeltaCrdt.put(counters, :hits, (DeltaCrdt.get(counters, :hits) || 0) + 1)',
          after: 'key = {:hits, node()}\nDeltaCrdt.put(counters, key, (DeltaCrdt.get(counters, key) || 0) + 1)',
        },
        prevent: 'Wrap the map in a module that offers increment and sum only.',
      },
      {
        cause: 'Increments during a failover or a split are thrown away',
        mechanism: 'The losing side’s state is dropped: a killed singleton, a Redis primary that was replaced, a restarted Mnesia node.',
        rules: ['global-default-resolver-kills', 'mnesia-no-partition-strategy'],
        confirm: [
          {
            what: 'Restarts of the owner',
            code: ':global.whereis_name(MyApp.Counter) |> node()',
            expect: 'Another node than before the loss.',
          },
        ],
        reproduce: [partitionTest],
        fix: {
          text: 'Keep the count where a failover keeps acknowledged writes, or per node with a merge that adds.',
          after: 'MyApp.Repo.update_all(from(c in Counter, where: c.id == ^id), inc: [value: n])',
        },
        prevent: 'Compare the counter with the events it counts, daily.',
      },
    ],
  },
  {
    id: 'messages-vanish',
    title: 'Messages vanish',
    looksLike: 'A broadcast or cast returns `:ok`, some subscribers never see it.',
    hypotheses: [
      {
        cause: 'Phoenix.PubSub runs with a different pool_size on some nodes',
        mechanism: 'A sender chooses a shard by its own pool; on a node with fewer shards nobody listens to that one.',
        rules: ['pubsub-pool-size-varies'],
        confirm: [
          {
            what: 'Schedulers, when the pool is derived from them',
            code: 'nodes = [node() | Node.list()]\nEnum.zip(nodes, :erpc.multicall(nodes, System, :schedulers_online, [], 5_000))',
            expect: 'Different numbers, and a pool_size made from them.',
          },
        ],
        reproduce: ['Two :peer nodes with pool sizes 4 and 1, 200 broadcasts: about a quarter arrives.'],
        fix: {
          text: 'A literal, the same everywhere; change it in two deploys with `broadcast_pool_size`.',
          before: '{Phoenix.PubSub, name: MyApp.PubSub, pool_size: System.schedulers_online()}',
          after: '{Phoenix.PubSub, name: MyApp.PubSub, pool_size: 4}',
        },
        prevent: 'Never derive settings that nodes must share from the machine.',
      },
      {
        cause: 'The receiver was disconnected at that moment',
        mechanism: 'Broadcasts and casts are sent to who is connected; nothing is kept for the others, and `:ok` says nothing about them.',
        rules: ['pubsub-broadcast-as-guarantee', 'pg-misuse', 'nodedown-not-handled'],
        confirm: [
          whoSeesWhom,
          {
            what: 'Node events since the process was started',
            code: ':net_kernel.monitor_nodes(true, [:nodedown_reason])\nflush()',
            expect: '`{:nodedown, node, info}` around the loss.',
          },
        ],
        reproduce: [partitionTest],
        fix: {
          text: 'Store first, broadcast second, and let readers ask for what they missed.',
          before: ':ok = Phoenix.PubSub.broadcast(MyApp.PubSub, "orders", {:order, order})',
          after:
            'event = MyApp.Repo.insert!(%MyApp.Event{topic: "orders", payload: payload})\nPhoenix.PubSub.broadcast(MyApp.PubSub, "orders", {:changed_since, event.id})',
        },
        prevent: 'A resync on every reconnect.',
      },
      {
        cause: 'A clause of the wrong shape drops them',
        mechanism:
          '`:net_kernel.monitor_nodes/2` with options sends 3-tuples, :ra answers in `{:ra_event, …}`: a catch-all clause swallows what the others do not match.',
        rules: ['monitor-nodes-message-shape', 'ra-pipeline-correlation-atom', 'ra-result-shape'],
        confirm: [
          {
            what: 'What the process receives',
            code: ':dbg.tracer()\n:dbg.p(Process.whereis(MyApp.Listener), [:r])',
            expect: 'Messages that no clause but the last one matches. Stop with `:dbg.stop()`.',
          },
        ],
        reproduce: ['Send the process the message of the documentation in a test.'],
        fix: {
          text: 'Match the shape of the subscription that was made.',
          before: ':net_kernel.monitor_nodes(true, [:nodedown_reason])\ndef handle_info({:nodedown, node}, state)',
          after: 'def handle_info({:nodedown, node, _info}, state)',
        },
        prevent: 'Log what the catch-all clause receives.',
      },
    ],
  },
  {
    id: 'lock-held-twice',
    title: 'A lock is held twice',
    looksLike: 'Two processes are in the critical section: double charges, double exports, broken files.',
    hypotheses: [
      {
        cause: 'The requester of the :global lock is the same for all',
        mechanism: 'A lock id is `{resource, requester}`, and the same requester always gets it: a constant excludes nobody.',
        rules: ['global-lock-shared-requester', 'global-lock-result-ignored'],
        confirm: [
          {
            what: 'Two at once',
            code: 'id = {:probe, :constant}\nTask.async(fn -> :global.trans(id, fn -> Process.sleep(2_000) end) end)\n:timer.tc(fn -> :global.trans(id, fn -> :in end, [node()], 0) end)',
            expect: '`:in` at once, although the lock is held.',
          },
        ],
        reproduce: ['The code above; with `self()` as second element it answers `:aborted`.'],
        fix: {
          text: 'The requester is `self()`.',
          before: ':global.trans({__MODULE__, table}, fn -> pop(table) end)',
          after: ':global.trans({{__MODULE__, table}, self()}, fn -> pop(table) end)',
        },
        prevent: 'A test that tries to enter twice.',
      },
      {
        cause: ':global grants on both sides of a split',
        mechanism: 'A lock is taken on the nodes that are connected; the other side takes its own.',
        rules: ['global-lock-as-cluster-mutex'],
        confirm: [whoSeesWhom],
        reproduce: [partitionTest],
        fix: {
          text: 'A lock in a database or :ra, with a fencing number in the write.',
          after: 'Repo.query!("SELECT pg_advisory_xact_lock($1)", [key])',
        },
        prevent: 'Use :global locks for efficiency only, never for correctness.',
      },
      {
        cause: 'The lock ended while its holder was working',
        mechanism:
          'A time to live ran out during a pause or a slow call; the holder then deletes or overwrites what belongs to the next one.',
        rules: ['redis-lock-unsafe', 'clock-wall-lease', 'clock-monotonic-shared'],
        confirm: [
          {
            what: 'How long the work takes',
            code: 'for _ <- 1..100, do: :timer.tc(MyApp.Export, :run, []) |> elem(0) |> div(1_000)',
            expect: 'Milliseconds near or above the time to live.',
          },
        ],
        reproduce: [freeze],
        fix: {
          text: 'Release by comparing a token, and let the resource refuse lower fencing numbers.',
          before: 'Redix.command(conn, ["DEL", key])',
          after:
            'script = "if redis.call(\'get\', KEYS[1]) == ARGV[1] then return redis.call(\'del\', KEYS[1]) end"\nRedix.command(conn, ["EVAL", script, "1", key, token])',
        },
        prevent: 'Alert on work that takes more than half the time to live.',
      },
    ],
  },
  {
    id: 'jobs-on-every-node',
    title: 'Jobs run on every node',
    looksLike: 'The nightly mail arrives once per node.',
    hypotheses: [
      {
        cause: 'Each node runs a scheduler of its own',
        mechanism:
          'Quantum and timers in a supervised process know nothing of each other; `global: true` was removed in Quantum 3 and is ignored.',
        rules: ['scheduler-runs-on-every-node'],
        confirm: [
          {
            what: 'Schedulers per node',
            code: 'nodes = [node() | Node.list()]\nEnum.zip(nodes, :erpc.multicall(nodes, Process, :whereis, [MyApp.Scheduler], 5_000))',
            expect: 'A pid on every node.',
          },
        ],
        reproduce: ['Start two :peer nodes with the application, move the schedule to the next minute, count.'],
        fix: {
          text: 'Let the database elect who schedules.',
          before: 'config :my_app, MyApp.Scheduler, global: true, jobs: [{"0 3 * * *", {MyApp.Nightly, :run, []}}]',
          after: 'config :my_app, Oban, plugins: [{Oban.Plugins.Cron, crontab: [{"0 3 * * *", MyApp.Nightly}]}]',
        },
        prevent: 'Give the effect a key (the date), and refuse the second.',
      },
      {
        cause: 'The nodes are not connected',
        mechanism:
          'Singletons of :global, Highlander and Horde exist once per group of nodes that see each other: unconnected nodes are groups of one.',
        rules: [
          'libcluster-supervisor-wiring',
          'libcluster-unknown-strategy',
          'libcluster-missing-or-unknown-key',
          'horde-members-missing',
        ],
        confirm: [
          whoSeesWhom,
          {
            what: 'Own name and cookie',
            code: '{node(), Node.get_cookie()}',
            expect: '`:nonode@nohost`, or a cookie that differs between nodes.',
          },
        ],
        reproduce: ['Start the release twice on one machine without clustering.'],
        fix: {
          text: 'Start Cluster.Supervisor with its topologies, and check the names.',
          before: '{Cluster.Supervisor, topologies}',
          after: '{Cluster.Supervisor, [topologies, [name: MyApp.ClusterSupervisor]]}',
        },
        prevent: 'A health check that compares visible nodes with the configured number.',
      },
      {
        cause: 'Oban leads through :global',
        mechanism: '`Oban.Peers.Global` elects per side of a split and per unconnected node.',
        rules: ['scheduler-runs-on-every-node'],
        confirm: [
          {
            what: 'Who leads',
            code: 'nodes = [node() | Node.list()]\nEnum.zip(nodes, :erpc.multicall(nodes, Oban.Peer, :get_leader, [], 5_000))',
            expect: 'Different names.',
          },
        ],
        reproduce: [partitionTest],
        fix: {
          text: 'The default peer uses the database.',
          before: 'config :my_app, Oban, peer: Oban.Peers.Global',
          after: 'config :my_app, Oban, peer: Oban.Peers.Database',
        },
        prevent: 'Unique jobs over the period of the schedule.',
      },
    ],
  },
  {
    id: 'node-never-rejoins',
    title: 'A node never rejoins',
    looksLike: 'After a network blip or a restart a node stays alone until it is restarted by hand.',
    hypotheses: [
      {
        cause: 'The strategy connects once',
        mechanism: 'Epmd, LocalEpmd and ErlangHosts connect at boot; without `timeout:` they never try again.',
        rules: ['libcluster-never-reconnects', 'node-connect-result'],
        confirm: [
          {
            what: 'Can it connect at all',
            code: 'Node.connect(:"my_app@10.0.0.2")',
            expect: '`true`: only nobody tried. `false`: see the next hypotheses.',
          },
          {
            what: 'The topology',
            code: 'Application.get_env(:libcluster, :topologies)',
            expect: 'A strategy of these without `timeout:`.',
          },
        ],
        reproduce: ['Three :peer nodes with the strategy, `Node.disconnect/1`, wait.'],
        fix: {
          text: 'A timeout, or a strategy that polls.',
          before: '[strategy: Cluster.Strategy.Epmd, config: [hosts: hosts]]',
          after: '[strategy: Cluster.Strategy.Epmd, config: [hosts: hosts, timeout: 30_000]]',
        },
        prevent: 'A test that disconnects and waits for the reconnect.',
      },
      {
        cause: 'Names or cookies do not fit',
        mechanism:
          'After a reschedule the node has another address in its name, or another cookie; the others refuse or look for the old name.',
        rules: ['cluster-secrets', 'ra-config-durability', 'mnesia-schema-from-visible-nodes'],
        confirm: [
          { what: 'Name and cookie here', code: '{node(), Node.get_cookie()}', expect: 'Something else than the others expect.' },
          { what: 'What epmd knows there', code: ':erl_epmd.names(~c"10.0.0.2")', expect: 'Another name, or `{:error, :address}`.' },
        ],
        reproduce: ['Start a node with another cookie: both sides log an invalid challenge reply.'],
        fix: {
          text: 'Stable names (StatefulSet, fixed hosts) in `rel/env.sh.eex`, and the cookie from one secret.',
          language: 'sh',
          after: 'export RELEASE_DISTRIBUTION=name\nexport RELEASE_NODE="my_app@$POD_NAME.my-app-headless.default.svc.cluster.local"',
        },
        prevent: 'Compare `node()` with the expected pattern at boot and refuse to start.',
      },
      {
        cause: ':global disconnects it to avoid overlapping partitions',
        mechanism:
          'With `prevent_overlapping_partitions` (default from OTP 25) one broken link between two nodes isolates both from everybody.',
        rules: ['node-disconnect-overlap', 'overlapping-partitions-disabled', 'full-mesh-too-large'],
        confirm: [
          whoSeesWhom,
          {
            what: 'The setting',
            code: ':application.get_env(:kernel, :prevent_overlapping_partitions)',
            expect: '`:undefined` (then true) or `{:ok, true}`, with “disconnected … overlapping partitions” in the log.',
          },
        ],
        reproduce: ['Five :peer nodes, cut one link: both ends lose all others.'],
        fix: {
          text: 'Repair the link; do not turn the protection off.',
          after: '[strategy: Cluster.Strategy.Gossip, config: [secret: System.fetch_env!("CLUSTER_SECRET")]]',
        },
        prevent: 'Alert on links that are missing on one side only.',
      },
    ],
  },
  {
    id: 'cluster-drops-nodes',
    title: 'The cluster drops healthy nodes',
    looksLike: 'Many nodedown events at once although the hosts are fine, then a slow recovery.',
    hypotheses: [
      {
        cause: 'Discovery gave an empty or shortened answer',
        mechanism: 'Polling strategies disconnect nodes that the last answer omits: one failed DNS or API answer drops everybody.',
        rules: ['libcluster-pruning-discovery', 'libcluster-missing-or-unknown-key'],
        confirm: [
          {
            what: 'What DNS says now',
            code: ':inet_res.lookup(~c"my-app-headless.default.svc.cluster.local", :in, :a)',
            expect: 'Fewer addresses than pods; a truncated UDP answer has a limit.',
          },
        ],
        reproduce: ['Point the strategy at a resolver of yours that answers nothing once.'],
        fix: {
          text: 'Do not prune on absence alone.',
          after:
            '[\n  strategy: Cluster.Strategy.DNSPoll,\n  disconnect: {MyApp.Cluster, :keep, []},\n  config: [query: query, node_basename: "my_app", polling_interval: 5_000]\n]',
        },
        prevent: 'Count discovered nodes and alert when the number falls by half.',
      },
      {
        cause: 'The mesh is too large or its links are busy',
        mechanism: 'Ticks wait behind large messages; a node that does not tick for 60 s counts as down.',
        rules: ['full-mesh-too-large', 'rpc-in-loop'],
        confirm: [
          {
            what: 'Busy links',
            code: ':erlang.system_monitor(self(), [:busy_dist_port])\nflush()',
            expect: '`{:monitor, pid, :busy_dist_port, port}`: that process sends too much.',
          },
        ],
        reproduce: ['Send 100 MB messages between two nodes while a third one watches node events.'],
        fix: {
          text: 'Move bulk data off the distribution, or split the cluster; raise `net_ticktime` only on all nodes together.',
          after: 'config :kernel, net_ticktime: 60',
        },
        prevent: 'Alert on `busy_dist_port`.',
      },
    ],
  },
  {
    id: 'memory-grows',
    title: 'Memory grows after a deploy',
    looksLike: 'The VM grows by the hour, often on one node, until it is restarted.',
    hypotheses: [
      {
        cause: 'A mailbox fills',
        mechanism:
          'A process that every node sends to cannot keep up: a tracker with slow callbacks, a CRDT with more writes than it syncs, a logger.',
        rules: ['tracker-diff-blocking', 'tracker-diff-cluster-broadcast'],
        confirm: [
          {
            what: 'Longest mailboxes',
            code: 'Process.list()\n|> Enum.map(&{&1, Process.info(&1, [:message_queue_len, :registered_name, :current_function])})\n|> Enum.reject(fn {_pid, info} -> info == nil end)\n|> Enum.sort_by(fn {_pid, info} -> -info[:message_queue_len] end)\n|> Enum.take(5)',
            expect: 'One process with thousands of messages.',
          },
        ],
        reproduce: ['Join and leave in a loop with a `handle_diff/2` that sleeps.'],
        fix: {
          text: 'Only local and fast work in the callback; the rest in a task.',
          before: 'def handle_diff(diff, state) do\n  Enum.each(diff, &Repo.insert!/1)\n  {:ok, state}\nend',
          after:
            'def handle_diff(diff, state) do\n  Task.Supervisor.start_child(MyApp.Tasks, fn -> persist(diff) end)\n  {:ok, state}\nend',
        },
        prevent: 'Alert on mailboxes above 10,000.',
      },
      {
        cause: 'Replicas wait for a node that is gone',
        mechanism:
          'State for a node with an old name is kept until it counts as gone for good: 20 minutes for a tracker, for ever for a member of a :ra group.',
        rules: ['ra-config-durability'],
        confirm: [
          {
            what: 'Members of the group',
            code: ':ra.members({:local, {:stock, node()}}, 5_000)',
            expect: 'Names of pods that do not exist any more.',
          },
          {
            what: 'Log that cannot be truncated',
            code: ':ra.key_metrics({:stock, node()})',
            expect: '`snapshot_index` far behind `last_index`.',
          },
        ],
        reproduce: ['Remove a member’s host for good and keep writing.'],
        fix: {
          text: 'Remove the member that will not come back; shut trackers down with `permdown_on_shutdown: true`.',
          after: ':ra.remove_member({:stock, node()}, {:stock, :"my_app@old-host"}, 5_000)',
        },
        prevent: 'Compare members with the running nodes in a job.',
      },
      {
        cause: 'Atoms or binaries from outside',
        mechanism: 'Foreign bytes create atoms, which are never freed; node names with addresses are atoms as well.',
        rules: ['unsafe-binary-to-term', 'cluster-secrets'],
        confirm: [
          {
            what: 'Atoms',
            code: '{:erlang.system_info(:atom_count), :erlang.system_info(:atom_limit)}',
            expect: 'A count that grows with time, not with code.',
          },
        ],
        reproduce: ['Send terms with new atoms to the endpoint.'],
        fix: {
          text: 'Decode to existing terms only.',
          before: ':erlang.binary_to_term(payload)',
          after: 'Plug.Crypto.non_executable_binary_to_term(payload, [:safe])',
        },
        prevent: 'Alert at 80 % of the atom limit.',
      },
    ],
  },
  {
    id: 'ghost-presences',
    title: 'Ghosts in the presence list',
    looksLike: 'Users stay online after they left, or come twice, mostly after deploys.',
    hypotheses: [
      {
        cause: 'A node went without saying goodbye',
        mechanism: 'Its entries stay until `down_period` (30 s), and its state is kept until `permdown_period` (20 minutes).',
        rules: [],
        confirm: [
          {
            what: 'Entries per node',
            code: 'MyApp.Presence |> Phoenix.Tracker.list("room:1") |> Enum.map(fn {key, meta} -> {key, meta[:node]} end)',
            expect: 'Entries of nodes that are not in `Node.list()`; put `node: node()` into the metadata.',
          },
        ],
        reproduce: ['`kill -9` a node and watch the list of another.'],
        fix: {
          text: 'Stop trackers in order, and shorten the periods to what your deploys need.',
          after: '{MyApp.Tracker, [name: MyApp.Tracker, pubsub_server: MyApp.PubSub, permdown_on_shutdown: true]}',
        },
        prevent: 'A drain step in the deploy that stops the endpoint first.',
      },
      {
        cause: 'Diffs are broadcast by every node',
        mechanism: '`handle_diff/2` runs on every node; a cluster-wide broadcast there delivers each change once per node.',
        rules: ['tracker-diff-cluster-broadcast'],
        confirm: [
          {
            what: 'Events on one subscriber',
            code: 'Phoenix.PubSub.subscribe(MyApp.PubSub, "room:1")\nflush()',
            expect: 'Each join as many times as there are nodes.',
          },
        ],
        reproduce: ['Three :peer nodes, one join, count the messages.'],
        fix: {
          text: 'Broadcast locally.',
          before: 'Phoenix.PubSub.broadcast(MyApp.PubSub, topic, {:diff, diff})',
          after: 'Phoenix.PubSub.local_broadcast(MyApp.PubSub, topic, {:diff, diff})',
        },
        prevent: 'A test with two nodes and one subscriber.',
      },
    ],
  },
  {
    id: 'calls-hang',
    title: 'Calls hang when a node is gone',
    looksLike: 'Requests pile up on healthy nodes while one node is unreachable; after about a minute everything moves again.',
    hypotheses: [
      {
        cause: 'Remote calls without a timeout',
        mechanism:
          'A partition drops packets instead of refusing them: `:rpc`, `:erpc` and `GenServer.multi_call` wait for ever by default, the loss is noticed after 45 to 75 s.',
        rules: ['rpc-infinite-timeout', 'rpc-in-loop', 'rpc-badrpc-unhandled', 'erpc-badrpc-clause', 'remote-call-exit-unhandled'],
        confirm: [
          {
            what: 'Who waits where',
            code: 'for pid <- Process.list(),\n    {:current_stacktrace, stack} <- [Process.info(pid, :current_stacktrace)],\n    Enum.any?(stack, fn {module, _, _, _} -> module in [:rpc, :erpc, :gen] end),\n    do: {pid, Enum.take(stack, 4)}',
            expect: 'Many processes in `:erpc` or `:gen`.',
          },
        ],
        reproduce: [dropPackets],
        fix: {
          text: 'A timeout, and a clause for what happens then.',
          before: ':erpc.call(node, Stock, :count, [sku])',
          after:
            'try do\n  {:ok, :erpc.call(node, Stock, :count, [sku], 5_000)}\ncatch\n  :error, {:erpc, reason} -> {:error, reason}\nend',
        },
        prevent: 'A wrapper that all remote calls go through.',
      },
      {
        cause: 'Everybody waits for one process',
        mechanism: 'A GenServer makes a remote call inside a callback; its callers queue behind it.',
        rules: ['rpc-infinite-timeout', 'tracker-diff-blocking'],
        confirm: [
          {
            what: 'Its mailbox',
            code: 'Process.info(Process.whereis(MyApp.Server), [:message_queue_len, :current_stacktrace])',
            expect: 'A queue, and a stack that ends in a remote call.',
          },
        ],
        reproduce: [dropPackets, toxiproxy],
        fix: {
          text: 'Answer from the local state; fetch in a task and take its result as a message.',
          after:
            'task = Task.Supervisor.async_nolink(MyApp.Tasks, fn -> fetch(node) end)\n{:noreply, %{state | pending: Map.put(state.pending, task.ref, from)}}',
        },
        prevent: 'No remote call inside a callback of a process that others call.',
      },
      {
        cause: ':global locks wait for the unreachable node',
        mechanism: 'Registering and locking ask every connected node, with endless retries by default.',
        rules: ['global-lock-as-cluster-mutex', 'global-lock-result-ignored', 'full-mesh-too-large'],
        confirm: [
          {
            what: 'The name server',
            code: 'Process.info(Process.whereis(:global_name_server), [:message_queue_len, :current_function])',
            expect: 'A growing queue.',
          },
        ],
        reproduce: [dropPackets],
        fix: {
          text: 'Finite retries, and a plan for `:aborted`.',
          before: ':global.trans(id, fun)',
          after: 'case :global.trans(id, fun, [node() | Node.list()], 3) do\n  :aborted -> {:error, :busy}\n  result -> {:ok, result}\nend',
        },
        prevent: 'No :global lock on the path of a request.',
      },
    ],
  },
  {
    id: 'second-node-fails-to-boot',
    title: 'The second node does not boot',
    looksLike: 'One node runs; the next stops at start with `{:already_started, pid}` or `:killed`.',
    hypotheses: [
      {
        cause: 'A global name is taken',
        mechanism: '`start_link` returns `{:error, {:already_started, pid}}` on the second node; the supervisor takes it for a failure.',
        rules: ['global-name-already-started', 'registry-check-then-act', 'register-result-ignored'],
        confirm: [{ what: 'The holder', code: ':global.whereis_name(MyApp.Singleton) |> node()', expect: 'Another node.' }],
        reproduce: ['Start the application on two connected :peer nodes.'],
        fix: {
          text: 'Let one node start it and the others take over when that one goes away. Without Highlander: answer `:ignore`, monitor the holder, try again.',
          before: 'def start_link(_), do: GenServer.start_link(__MODULE__, [], name: {:global, __MODULE__})',
          after: 'children = [{Highlander, MyApp.Singleton}]',
        },
        prevent: 'Boot two connected nodes in CI.',
      },
      {
        cause: 'Mnesia or :ra finds data of another life',
        mechanism: 'The schema or the log belongs to another node name, or was created alone before the nodes met.',
        rules: ['mnesia-schema-from-visible-nodes', 'ra-config-durability', 'ra-data-dir-binary', 'ra-start-without-system'],
        confirm: [
          {
            what: 'What is on disk',
            code: '{:mnesia.system_info(:directory), :mnesia.system_info(:db_nodes), Application.get_env(:ra, :data_dir)}',
            expect: 'Names of other nodes, or a directory inside the container.',
          },
        ],
        reproduce: ['Start the release with another node name on the same volume.'],
        fix: {
          text: 'Stable names and one place that creates the cluster.',
          after: 'config :ra, data_dir: String.to_charlist(System.fetch_env!("RA_DATA_DIR"))',
        },
        prevent: 'Compare the node name with the data at boot, and say what is wrong.',
      },
    ],
  },
  {
    id: 'consensus-group-stops',
    title: 'The :ra group does not form, or stops',
    looksLike: '`{:error, :cluster_not_formed}`, `{:error, :noproc}` or `{:timeout, _}` for ever, or servers that restart in a loop.',
    hypotheses: [
      {
        cause: 'The call or the configuration is that of another version',
        mechanism:
          'Since 2.0 the system comes first, ids are `{name, node}`, the machine’s configuration is a map, `data_dir` a charlist, and the system must be started.',
        rules: [
          'ra-start-cluster-signature',
          'ra-data-dir-binary',
          'ra-machine-config-not-map',
          'ra-start-without-system',
          'ra-result-shape',
        ],
        confirm: [
          {
            what: 'The system',
            code: ':ra_system.start_default()',
            expect: '`{:error, {:already_started, pid}}` is well; another error names the directory.',
          },
        ],
        reproduce: ['The same call in a script on one node.'],
        fix: {
          text: 'The shape of today.',
          before: ':ra.start_cluster(:stock, {:module, MyApp.Stock, %{}}, servers)',
          after:
            '{:ok, _} = Application.ensure_all_started(:ra)\n:ra_system.start_default()\n:ra.start_cluster(:default, :stock, {:module, MyApp.Stock, %{}}, servers)',
        },
        prevent: 'A test that forms a group of three :peer nodes.',
      },
      {
        cause: 'A command crashes the machine',
        mechanism:
          'A command without a clause, or code that differs between replicas, is committed and then crashes every member, again after each restart.',
        rules: ['ra-machine-missing-catch-all', 'ra-machine-nondeterministic', 'ra-machine-side-effect'],
        confirm: [
          {
            what: 'State of the member',
            code: ':ra.key_metrics({:stock, node()})',
            expect: '`state: :noproc`, and `last_applied` that does not move.',
          },
        ],
        reproduce: ['Send `:unknown` to the machine in a test.'],
        fix: {
          text: 'A catch-all clause, and time and randomness from the command or `meta`.',
          after: 'def apply(_meta, _unknown, state), do: {state, {:error, :unknown_command}}',
        },
        prevent: 'Property test: any term as a command, and the same state on two replicas.',
      },
      {
        cause: 'There is no majority',
        mechanism: 'Members are gone for good but still counted, or each node formed a group of its own from who was visible.',
        rules: ['quorum-even-or-two-node', 'ra-config-durability', 'bootstrap-by-sleep'],
        confirm: [
          {
            what: 'Members as each node knows them',
            code: 'nodes = [node() | Node.list()]\nfor n <- nodes, do: {n, :erpc.call(n, :ra, :members, [{:local, {:stock, n}}, 5_000], 6_000)}',
            expect: 'Different lists, or fewer living members than a majority.',
          },
        ],
        reproduce: ['Stop two of three.'],
        fix: {
          text: 'Bring members back; remove one only through a group that still has its majority.',
          after: ':ra.remove_member({:stock, node()}, {:stock, :my_app@lost}, 5_000)',
        },
        prevent: 'Alert when only one more failure is tolerated.',
      },
    ],
  },
  {
    id: 'applied-twice',
    title: 'A command or charge is applied twice',
    looksLike: 'A request timed out, was repeated, and took effect twice.',
    hypotheses: [
      {
        cause: 'A timeout was taken for a refusal',
        mechanism: 'The first request was queued or its answer lost; it took effect later, the repetition as well.',
        rules: ['ra-timeout-as-failure', 'erpc-retry-not-idempotent'],
        confirm: [
          {
            what: 'Both in the log of effects',
            code: 'MyApp.Repo.all(from(p in Payment, group_by: p.request_id, having: count(p.id) > 1, select: p.request_id))',
            expect: 'Rows, if requests carry an id; without an id you cannot know.',
          },
        ],
        reproduce: ['Kill the leader between a command and its answer.', dropPackets],
        fix: {
          text: 'An id in the command, remembered by the state machine or by a unique index.',
          before: ':ra.process_command(servers, {:charge, account, amount}, 5_000)',
          after: ':ra.process_command(servers, {:charge, request_id, account, amount}, 5_000)',
        },
        prevent: 'A property test that applies each command twice.',
      },
      {
        cause: 'The worker died after the effect',
        mechanism: 'At-least-once queues run a job again when its node was lost before it said that it was done.',
        rules: ['scheduler-runs-on-every-node'],
        confirm: [
          {
            what: 'Attempts',
            code: 'MyApp.Repo.all(from(j in Oban.Job, where: j.attempt > 1, select: {j.id, j.worker, j.attempted_by}, limit: 20))',
            expect: 'The job, with two nodes in `attempted_by`.',
          },
        ],
        reproduce: ['`kill -9` the node in the middle of a job.'],
        fix: {
          text: 'The effect checks the key, in the same transaction where there is one.',
          after: 'Repo.insert(%Sent{key: {report, date} |> :erlang.phash2()}, on_conflict: :nothing)',
        },
        prevent: 'Kill a worker in CI.',
      },
    ],
  },
  {
    id: 'expires-at-wrong-time',
    title: 'Leases, tokens or caches expire at the wrong time',
    looksLike: 'Entries end at once or never, durations are negative, mostly after a clock change or a restart.',
    hypotheses: [
      {
        cause: 'Durations are measured with the wall clock',
        mechanism: 'NTP or a person sets the clock; from OTP 26 on `System.system_time/0` may jump with it.',
        rules: ['clock-wall-elapsed', 'clock-wall-elapsed-state', 'clock-wall-local-deadline', 'clock-wall-lease'],
        confirm: [
          {
            what: 'Time warp mode and offset',
            code: '{:erlang.system_info(:time_warp_mode), :erlang.time_offset(:millisecond)}',
            expect: '`:multi_time_warp`, and an offset that changes between two looks.',
          },
        ],
        reproduce: ['In a container of its own: set the clock back with `date -s` while the code waits.'],
        fix: {
          text: 'The monotonic clock for durations on one node.',
          before: 'System.os_time(:millisecond) - started_at',
          after: 'System.monotonic_time(:millisecond) - started_at',
        },
        prevent: 'Wall time to show and to store, monotonic time to wait.',
      },
      {
        cause: 'Monotonic time left its node',
        mechanism: 'Its origin differs per VM and per start: on another node, or after a restart, the comparison means nothing.',
        rules: ['clock-monotonic-shared', 'clock-monotonic-as-timestamp'],
        confirm: [
          {
            what: 'Monotonic time of every node',
            code: 'nodes = [node() | Node.list()]\nEnum.zip(nodes, :erpc.multicall(nodes, System, :monotonic_time, [:second], 5_000))',
            expect: 'Values that have nothing to do with each other.',
          },
        ],
        reproduce: ['Write on one node, restart it, read.'],
        fix: {
          text: 'Send what is left, and compute the deadline where it is used.',
          before: 'send({:leases, other}, {:granted, System.monotonic_time(:millisecond) + ttl_ms})',
          after: 'send({:leases, other}, {:granted, ttl_ms, fence})',
        },
        prevent: 'No monotonic value in a message, a table on disk or a struct that leaves the process.',
      },
    ],
  },
];

/** The symptom with this id. */
export function symptomOf(id: SymptomId): Symptom {
  return symptoms.find((symptom) => symptom.id === id) ?? (symptoms[0] as Symptom);
}

/** The symptoms that a rule's pattern causes, in order. */
export function symptomsOfRule(rule: string): readonly Symptom[] {
  return symptoms.filter((symptom) => symptom.hypotheses.some((hypothesis) => hypothesis.rules.includes(rule)));
}

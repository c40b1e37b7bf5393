/** A few lines of Elixir per option that show its daily use for a kind of data. */
import { type CodeNames, codeNames } from './names';
import type { Option, OptionId } from './option';
import type { Kind } from './questions';

type Example = (names: CodeNames, kind: Kind | undefined) => string;

/** What a state machine is asked, by kind: the name of the function, its arguments, and how a reader asks for the result. */
const commands: Readonly<
  Partial<Record<Kind, { readonly name: string; readonly arguments: string; readonly read: string; readonly key: string }>>
> = {
  inventory: { name: 'reserve', arguments: 'sku, quantity', read: 'available', key: 'sku' },
  money: { name: 'transfer', arguments: 'from, to, amount', read: 'balance', key: 'account' },
  'id-allocation': { name: 'allocate', arguments: 'range, count', read: 'next_free', key: 'range' },
};

const ra: Example = ({ module }, kind) => {
  const {
    name,
    arguments: given,
    read,
    key,
  } = commands[kind ?? 'cache'] ?? { name: 'put', arguments: 'key, value', read: 'fetch', key: 'key' };
  return `def ${name}(request_id, ${given}) do
  servers = for node <- ${module}.Cluster.voters(), do: {:store, node}

  case :ra.process_command(servers, {:${name}, request_id, ${given}}, 5_000) do
    {:ok, reply, _leader} -> reply
    {:timeout, _server} -> {:error, :outcome_unknown}
    {:error, reason} -> {:error, reason}
  end
end

def ${read}(${key}) do
  case :ra.consistent_query({:store, node()}, {${module}.Store, :${read}, [${key}]}, 5_000) do
    {:ok, value, _leader} -> {:ok, value}
    {:timeout, _server} -> {:error, :no_quorum}
    {:error, reason} -> {:error, reason}
  end
end`;
};

const postgres: Example = ({ module }, kind) => {
  if (kind === 'money') {
    return `def transfer(request_id, from_id, to_id, amount) do
  covered = from(a in ${module}.Account, where: a.id == ^from_id and a.balance >= ^amount)
  receiver = from(a in ${module}.Account, where: a.id == ^to_id)

  Multi.new()
  |> Multi.insert(:request, %${module}.Transfer{request_id: request_id, amount: amount})
  |> Multi.update_all(:debit, covered, inc: [balance: -amount])
  |> Multi.run(:covered, fn
    _repo, %{debit: {1, _}} -> {:ok, :covered}
    _repo, _changes -> {:error, :insufficient_funds}
  end)
  |> Multi.update_all(:credit, receiver, inc: [balance: amount])
  |> ${module}.Repo.transaction()
end`;
  }
  if (kind === 'inventory') {
    return `def reserve(sku, quantity) do
  query = from(s in ${module}.Stock, where: s.sku == ^sku and s.available >= ^quantity)

  case ${module}.Repo.update_all(query, inc: [available: -quantity]) do
    {1, _} -> :ok
    {0, _} -> {:error, :sold_out}
  end
end`;
  }
  if (kind === 'counter' || kind === 'rate-limiter') {
    return `${module}.Repo.insert_all(
  ${module}.Count,
  [%{name: name, value: 1}],
  on_conflict: [inc: [value: 1]],
  conflict_target: :name
)`;
  }
  return `def put(key, value, version) do
  query = from(e in ${module}.Entry, where: e.key == ^key and e.version == ^version)

  case ${module}.Repo.update_all(query, set: [value: value], inc: [version: 1]) do
    {1, _} -> :ok
    {0, _} -> {:error, :changed_meanwhile}
  end
end`;
};

const deltaCrdt: Example = (_names, kind) => {
  if (kind === 'counter' || kind === 'rate-limiter' || kind === 'metrics') {
    return `# Called only inside the one process that owns the counters of this node.
def increment(counters, name, by) do
  key = {name, node()}
  DeltaCrdt.put(counters, key, (DeltaCrdt.get(counters, key) || 0) + by)
end

def count(counters, name) do
  counters
  |> DeltaCrdt.to_map()
  |> Enum.reduce(0, fn
    {{^name, _node}, count}, sum -> sum + count
    _other, sum -> sum
  end)
end`;
  }
  if (kind === 'device-state') {
    return `# The device numbers its reports: the highest number is the newest, whatever the clocks say.
def report(states, device, number, state) do
  DeltaCrdt.put(states, {device, node()}, {number, state})
end

def newest(states, device) do
  reports = for {{^device, _node}, report} <- DeltaCrdt.to_map(states), do: report
  Enum.max_by(reports, &elem(&1, 0), fn -> nil end)
end`;
  }
  return `def add(items, item, quantity), do: DeltaCrdt.put(items, item, quantity)
def remove(items, item), do: DeltaCrdt.delete(items, item)
def all(items), do: DeltaCrdt.to_map(items)`;
};

const examples: Readonly<Partial<Record<OptionId, Example>>> = {
  ra,
  postgres,
  'delta-crdt': deltaCrdt,
  khepri: () => `:ok = :khepri.put([:flags, :new_checkout], true)

case :khepri.get([:flags, :new_checkout], %{favor: :low_latency}) do
  {:ok, enabled?} -> enabled?
  {:error, _reason} -> false
end`,
  'phoenix-tracker': ({ module }) => `meta = %{online_at: System.system_time(:second)}
{:ok, _ref} = ${module}Web.Presence.track(self(), "room:" <> room_id, user_id, meta)
${module}Web.Presence.list("room:" <> room_id)`,
  'local-cache': () => `Cachex.fetch(:sessions, session_id, fn id ->
  case load_session(id) do
    {:ok, session} -> {:commit, session, expire: :timer.minutes(30)}
    :error -> {:ignore, nil}
  end
end)`,
  oban: ({ app, module }) => `config :${app}, Oban,
  repo: ${module}.Repo,
  queues: [nightly: 1],
  plugins: [
    {Oban.Plugins.Cron, crontab: [{"0 3 * * *", ${module}.NightlyReport}]}
  ]

defmodule ${module}.NightlyReport do
  use Oban.Worker, queue: :nightly, unique: [period: 23 * 60 * 60]

  @impl Oban.Worker
  def perform(%Oban.Job{scheduled_at: at}) do
    ${module}.Reports.build_once(DateTime.to_date(at))
  end
end`,
  'postgres-lock': ({
    module,
  }) => `# Takes or renews the lease. holder_id is a UUID made when the process starts; the fencing number grows unless this is a renewal in time.
${module}.Repo.query!(
  """
  INSERT INTO leases (name, holder, fence, expires_at)
  VALUES ($1, $2, 1, now() + make_interval(secs => $3))
  ON CONFLICT (name) DO UPDATE
    SET fence = leases.fence + CASE WHEN leases.holder = $2 AND leases.expires_at >= now() THEN 0 ELSE 1 END,
        holder = $2,
        expires_at = now() + make_interval(secs => $3)
    WHERE leases.holder = $2 OR leases.expires_at < now()
  RETURNING fence
  """,
  ["nightly", holder_id, 10.0]
)`,
  highlander: ({ module }) => `children = [
  {Highlander, ${module}.Singleton}
]`,
  'node-ids': () => 'Ecto.UUID.generate()',
};

/** The example of an option for a kind, with names made from the application's; absent where there is nothing typical. */
export function commonOperations(option: Option, kind: Kind | undefined, app: string | undefined): string | undefined {
  return examples[option.id]?.(codeNames(app), kind);
}

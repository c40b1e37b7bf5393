import type { Expr } from '../../elixir/ir';
import { comparisonsIn, differencesIn, directReading, fieldName, isReading } from '../../facts/clocks';
import { callsTo, type FileFacts, moduleOf } from '../../facts/facts';
import { leaseWordsAround, namesOf, outsideWords, wordsOf } from '../../facts/lease';
import { clockReads, fieldWrites, originsOf } from '../../facts/origins';
import { purposeOf } from '../../facts/purposes';
import { dependsOn } from '../../facts/values';
import { readMonotonic } from '../../fix-clock';
import type { Rule } from '../../rule';

/** Names of a point in time until which something holds. */
const untilWords =
  /(?:^|_)(?:expir\w*|until|deadline|valid|ttl|ends?|renew\w*|acquired|granted|refreshed|heartbeat|timeout|duration|started|last_seen|timestamp)(?:_|$)/;

export default {
  id: 'clock-wall-lease',
  summary: 'Whether a lease, lock or leadership still holds is decided by the wall clock.',
  category: 'time',
  severity: 'warning',
  fixable: 'unsafe',
  rationale: `
    A lease is a promise about time: nobody else acts until it has run out. Checked against the wall clock, one NTP step breaks it. Stepped
    back, a holder goes on believing in a lease that the others have given away: two leaders. Stepped forward, a healthy leader loses its
    lease in the middle of the work.

    The holder should count with its own monotonic clock, from the moment at which it *sent* the request, with a margin for drift; the grantor
    with its own. On the wire goes a duration, never a deadline, because neither clock means anything on the other node. And every write under
    the lease carries a fencing number, because a paused holder does not notice that time has passed.

    Tokens, sessions, cookies, certificates and user accounts expire on dates that somebody else sets; those are not leases and not reported. Nor
    is a comparison that only chooses what people are shown.

    The fix turns the readings of the module into monotonic ones. It is right only when the expiry is computed by the same VM: look at where it
    comes from.`,
  references: [
    'https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html',
    'https://hexdocs.pm/elixir/System.html#module-time',
  ],
  examples: [
    {
      title: 'A lease is valid until its expiry',
      bad: `
        defmodule Inventory.Lease do
          def grant(holder, ttl) do
            %{holder: holder, expiry: System.system_time(:millisecond) + ttl}
          end

          def valid?(lease) do
            now = System.system_time(:millisecond)
            now < lease.expiry
          # ^^^^^^^^^^^^^^^^^^
          end
        end`,
      good: `
        defmodule Inventory.Lease do
          def grant(holder, ttl) do
            %{holder: holder, expiry: System.monotonic_time(:millisecond) + ttl}
          end

          def valid?(lease) do
            now = System.monotonic_time(:millisecond)
            now < lease.expiry
          end
        end`,
    },
    {
      title: 'Named by the value',
      bad: `
        def leader?(state) do
          DateTime.compare(DateTime.utc_now(), state.leader_until) == :lt
        # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'A page tells how long it lasts',
      good: `
        def describe(lease) do
          if System.system_time(:millisecond) < lease.expiry, do: "held until #{lease.expiry}", else: "free"
        end`,
    },
    {
      title: 'Credentials expire on dates',
      good: `
        defmodule App.Session do
          def valid?(token), do: System.system_time(:second) < token.expires_at
        end`,
    },
    {
      title: 'A locked user account is not a lock',
      good: `
        def locked?(user), do: DateTime.compare(DateTime.utc_now(), user.locked_until) == :lt`,
    },
    {
      title: 'Renewed by another node, whose clock it bears',
      bad: `
        def lease_held?(lease) do
          {:ok, renewed_at, 0} = DateTime.from_iso8601(lease["renewTime"])
          expires_at = DateTime.add(renewed_at, lease["leaseDurationSeconds"])
          DateTime.compare(expires_at, DateTime.utc_now()) == :gt
        # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'The holder counts with its own monotonic clock',
      good: `
        defmodule Inventory.Lease do
          def valid?(lease), do: System.monotonic_time(:millisecond) < lease.expires_at - lease.margin
        end`,
    },
  ],
  triggers: { calls: clockReads.wall },

  *check(file) {
    for (const { expr, left, right } of [
      ...comparisonsIn(file),
      ...differencesIn(file).filter((d) => !isReading(file, d.left, 'wall') || !isReading(file, d.right, 'wall')),
    ]) {
      const [now, until] = isReading(file, left, 'wall') ? [left, right] : isReading(file, right, 'wall') ? [right, left] : [];
      if (!now || !until || isReading(file, until, 'wall') || moduleOf(file, expr)?.schema) continue;
      if (!leaseWordsAround(file, expr, until) || outsideWords(file, until) || !namesTime(file, until) || inDatabase(file)) continue;
      if (purposeOf(file, expr) === 'shown') continue;
      const writes = writesOf(file, until);
      const fix = readMonotonic(file, [directReading(file, now), ...writes], 'Count the lease with monotonic time');
      yield {
        range: expr.range,
        message: isForeign(file, until) ? foreignMessage : ownMessage,
        ...(fix && { fix }),
      };
    }
  },
} satisfies Rule;

const ownMessage =
  "Whether the lease still holds is decided by the wall clock: a clock step gives it to two holders, or takes it from the right one. Use the holder's `System.monotonic_time/1` and a fencing number.";
const foreignMessage =
  "The time in the lease is that of the holder's clock, and is compared with this node's: if the two differ, or one is set, two hold it at once. Take it over when it has not changed for its whole duration by your own `System.monotonic_time/1`.";

/** Whether the time was read from text, and so written by somebody else. */
function isForeign(file: FileFacts, until: Expr): boolean {
  return callsTo(file, ['DateTime.from_iso8601', 'NaiveDateTime.from_iso8601']).some((parsed) => dependsOn(file, until, parsed));
}

function namesTime(file: FileFacts, e: Expr): boolean {
  return namesOf(file, e).some((name) => untilWords.test(wordsOf(name)));
}

/** A lease kept in a database is compared with the clock of the database's clients: another matter, and often the only clock there is. */
function inDatabase(file: FileFacts): boolean {
  for (const name of file.calls.keys()) if (/(?:^|\.)Repo\.|^Ecto\./.test(name)) return true;
  return false;
}

/** The plain readings in the module that go into the field. */
function writesOf(file: FileFacts, until: Expr) {
  const name = fieldName(originsOf(file, until));
  if (name === undefined) return [];
  return fieldWrites(file, until, name).flatMap((write) =>
    originsOf(file, write).flatMap((o) => (o.kind === 'clock' && o.clock === 'wall' ? [o.at] : [])),
  );
}

import { carriedBy } from '../../facts/carried';
import { readingOf } from '../../facts/clocks';
import { allOrigins, clockReads, originsOf } from '../../facts/origins';
import { sinksIn } from '../../facts/sinks';
import type { Rule } from '../../rule';

export default {
  id: 'clock-monotonic-shared',
  summary: 'Monotonic time leaves the VM in which it was read.',
  category: 'time',
  severity: 'error',
  rationale: `
    Monotonic time counts from a point that every VM chooses for itself when it starts. Compared with the monotonic time of another node, or
    of the same node after a restart, it says nothing: a lease that one node grants is expired or eternal on the next, a job queue persisted
    with monotonic sort keys serves old jobs last after a restart.

    Reported where such a value (also inside a tuple, map or struct) is sent to another node, replicated, or written to something that
    outlives the VM. ETS, \`:persistent_term\` and the state of a process die with the VM and are fine; so is the difference of two readings.

    There is no automatic fix. Send the *remaining duration* and let the receiver add it to its own clock; or use the system time with a
    tolerance for skew; for leases add a fencing number that grows with every grant.`,
  references: ['https://www.erlang.org/doc/apps/erts/erlang.html#monotonic_time/0', 'https://github.com/tanguilp/wax/pull/39'],
  examples: [
    {
      title: 'A lease that other nodes read',
      bad: `
        def grant(name, ttl) do
          expires = System.monotonic_time(:millisecond) + ttl
          :mnesia.dirty_write({:lease, name, node(), expires})
          #                                          ^^^^^^^
        end`,
    },
    {
      title: 'Broadcast inside a map',
      bad: `
        def beat do
          beat = %{node: node(), at: System.monotonic_time()}
          #                          ^^^^^^^^^^^^^^^^^^^^^^^
          Phoenix.PubSub.broadcast(App.PubSub, "beats", {:beat, beat})
        end`,
    },
    {
      title: 'Sent to a server on another node',
      bad: `
        def report(node) do
          GenServer.cast({Collector, node}, {:seen, System.monotonic_time(:second)})
          #                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'A local table dies with the VM',
      good: `:ets.insert(:cache, {key, value, System.monotonic_time(:millisecond) + ttl})`,
    },
    {
      title: 'A duration may travel',
      good: `
        def done(started) do
          Phoenix.PubSub.broadcast(App.PubSub, "jobs", {:took, System.monotonic_time() - started})
        end`,
    },
    { title: 'A local process', good: `GenServer.cast(Collector, {:seen, System.monotonic_time()})` },
  ],
  triggers: { calls: clockReads.monotonic },

  *check(file) {
    const reported = new Set<number>();
    for (const sink of sinksIn(file)) {
      for (const value of sink.data.flatMap((data) => carriedBy(file, data))) {
        if (reported.has(value.id) || !allOrigins(originsOf(file, value), (o) => o.kind === 'clock' && o.clock === 'monotonic')) continue;
        reported.add(value.id);
        const reading = readingOf(file, value);
        const elsewhere = value.range.start < sink.call.range.start || value.range.end > sink.call.range.end;
        yield {
          range: value.range,
          message: `This monotonic time ${sink.what}, where it means nothing: its origin differs for every node and every restart. Pass a duration, or the system time.`,
          related: [
            ...(elsewhere ? [{ message: 'Here it leaves the VM.', range: sink.call.callee }] : []),
            ...(reading && reading !== value ? [{ message: 'The clock is read here.', range: reading.range }] : []),
          ],
        };
      }
    }
  },
} satisfies Rule;

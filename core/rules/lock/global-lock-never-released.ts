import type { Call } from '../../elixir/ir';
import { callsTo, type FileFacts, functionClauseOf, isProcess, moduleOf, parentOf } from '../../facts/facts';
import { isLocalLock } from '../../facts/protection';
import { runsElsewhere } from '../../facts/tracker';
import type { Context, Rule } from '../../rule';

export default {
  id: 'global-lock-never-released',
  summary: 'Lock of `:global` that is taken for some work and never given back.',
  category: 'availability',
  severity: 'warning',
  rationale: `
    A lock of \`:global\` that nobody deletes is held until the process that set it ends. In a request that may be long after the work: a web
    server keeps the process of a connection for the next request, a LiveView lives as long as its page is open. Until then every other node
    is refused, or waits; and the same process gets the lock again at once, because a requester does not exclude itself.

    Hold it no longer than the work: \`:global.trans/2\` gives the lock back also when the work fails, or \`:global.del_lock/1\` in the
    \`after\` of a \`try\`.

    Silent where \`del_lock\` is called anywhere in the project; for locks that a process holds as long as it lives, as a leader does: those are
    set in its callbacks; for locks on this node only, and where the answer of \`set_lock\` is handed on, since who gets it may release it.`,
  references: [
    'https://www.erlang.org/doc/apps/kernel/global.html#set_lock/3',
    'https://github.com/danschultzer/pow/commit/781c6fd5afbc4d00407d46c9de9d6ca756f3f13c',
  ],
  examples: [
    {
      title: 'Whoever has it renews the session, and keeps it',
      bad: `
        defmodule Shop.Sessions do
          def renew(conn, id, user) do
            case :global.set_lock({{:session, id}, self()}, [node() | Node.list()], 0) do
              #  ^^^^^^^^^^^^^^^^
              true -> create(conn, user)
              false -> conn
            end
          end
        end`,
    },
    {
      title: 'It is given back in any case',
      good: `
        defmodule Shop.Sessions do
          def renew(conn, id, user) do
            lock = {{:session, id}, self()}
            nodes = [node() | Node.list()]

            if :global.set_lock(lock, nodes, 0) do
              try do
                create(conn, user)
              after
                :global.del_lock(lock, nodes)
              end
            else
              conn
            end
          end
        end`,
    },
    {
      title: 'A leader holds it as long as it lives',
      good: `
        defmodule Shop.Leader do
          use GenServer

          def init(name), do: {:ok, name}

          def handle_info(:elect, name) do
            if :global.set_lock({name, self()}, [node() | Node.list()], 0), do: lead()
            {:noreply, name}
          end
        end`,
    },
    {
      title: 'A process for the work alone',
      good: `
        defmodule Shop.Jobs do
          def run(id) do
            Task.start(fn ->
              if :global.set_lock({{:job, id}, self()}, [node() | Node.list()], 0), do: Job.run(id)
            end)
          end
        end`,
    },
    {
      title: 'Who asks for it may release it',
      good: `
        defmodule Shop.Locks do
          def acquire(name), do: :global.set_lock({name, self()}, [node() | Node.list()], 0)
        end`,
    },
  ],
  triggers: { calls: [':global.set_lock'] },

  *check(file, context) {
    if (isReleased(file, context)) return;
    for (const call of callsTo(file, [':global.set_lock'])) {
      if (isLocalLock(call) || !decidesHere(file, call) || belongsToProcess(file, call) || runsElsewhere(file, call)) continue;
      yield {
        range: call.callee,
        message:
          'Nothing gives this lock back: it is held until this process ends, and other nodes are refused. Use `:global.trans/2`, or `:global.del_lock/1` after the work.',
      };
    }
  },
} satisfies Rule;

function isReleased(file: FileFacts, { project }: Context): boolean {
  return file.calls.has(':global.del_lock') || project?.calls.has(':global.del_lock') === true;
}

/** Whether what is done with the lock is done here: in a `case` or `if` on the answer. */
function decidesHere(file: FileFacts, call: Call): boolean {
  const parent = parentOf(file, call);
  if (parent?.kind === 'case') return parent.subject === call;
  return parent?.kind === 'if' && parent.condition === call;
}

/** The code of a process, which may hold the lock on purpose as long as it lives. */
function belongsToProcess(file: FileFacts, call: Call): boolean {
  const module = moduleOf(file, call);
  return module === undefined || !functionClauseOf(file, call) || isProcess(module);
}

import type { Call } from '../../elixir/ir';
import { callsTo, type FileFacts } from '../../facts/facts';
import { signedSource, type Untrusted, untrustedSource } from '../../facts/untrusted';
import { insertAt, replace, safeWhereItFits } from '../../fix';
import { isTestPath } from '../../project/environment';
import type { Context, Fix, Rule } from '../../rule';

const decoder = 'Plug.Crypto.non_executable_binary_to_term';

export default {
  id: 'unsafe-binary-to-term',
  summary: 'Bytes from outside are decoded with `binary_to_term`, which makes atoms and functions of them.',
  category: 'security',
  severity: 'error',
  fixable: 'safe',
  rationale: `
    \`:erlang.binary_to_term/1\` makes any term of the bytes that it is given. Whoever can send them can create atoms until the VM crashes, or
    hand in a function that runs when something enumerates or calls it. \`[:safe]\` refuses new atoms, and still decodes functions. In a cluster
    one such datagram on the port of a home-made protocol takes every node down.

    Reported where the bytes come from a socket (\`:gen_tcp\`, \`:gen_udp\`, \`:ssl\`, a web socket, a channel), a request (\`conn.params\`, cookies,
    headers, the body) or a queue; as a warning with \`[:safe]\`. Silent for bytes of unknown origin, for files and database columns that the
    application writes itself, and in tests. For bytes that a key vouches for, such as those of a signed cookie, it is only information: whoever learns the
    key, which is one leaked \`secret_key_base\`, runs code on the node. \`Plug.Session.COOKIE\` was mended for this in 2017.

    The fix decodes with \`${decoder}/2\`, where the project has \`plug_crypto\`.`,
  references: [
    'https://hexdocs.pm/plug_crypto/Plug.Crypto.html#non_executable_binary_to_term/2',
    'https://www.erlang.org/doc/apps/erts/erlang.html#binary_to_term/2',
    'https://nvd.nist.gov/vuln/detail/CVE-2020-15150',
  ],
  examples: [
    {
      title: 'A datagram',
      project: { 'mix.lock': '%{"plug_crypto": {:hex, :plug_crypto, "2.1.0", "", [:mix], [], "hexpm", ""}}' },
      bad: `
        defmodule Gossip do
          use GenServer

          def init(socket), do: {:ok, socket}

          def handle_info({:udp, _socket, _ip, _port, packet}, state) do
            handle(:erlang.binary_to_term(packet), state)
            #      ^^^^^^^^^^^^^^^^^^^^^^
          end

          defp handle(_message, state), do: {:noreply, state}
        end`,
      good: `
        defmodule Gossip do
          use GenServer

          def init(socket), do: {:ok, socket}

          def handle_info({:udp, _socket, _ip, _port, packet}, state) do
            handle(Plug.Crypto.non_executable_binary_to_term(packet, [:safe]), state)
          end

          defp handle(_message, state), do: {:noreply, state}
        end`,
    },
    {
      title: 'A cookie, with an option that does not help',
      bad: `
        def cart(conn) do
          conn.cookies["cart"]
          |> Base.url_decode64!()
          |> :erlang.binary_to_term([:safe])
          #  ^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'A parameter, decoded elsewhere',
      bad: `
        defmodule ShopWeb.PageController do
          use ShopWeb, :controller

          def index(conn, %{"after" => cursor}) do
            render(conn, :index, page: Shop.list(decode(cursor)))
          end

          defp decode(cursor) do
            {:ok, binary} = Base.url_decode64(cursor)
            :erlang.binary_to_term(binary)
          # ^^^^^^^^^^^^^^^^^^^^^^
          end
        end`,
    },
    {
      title: 'What a socket answers',
      bad: `
        def receive_one(socket) do
          with {:ok, data} <- :gen_tcp.recv(socket, 0, 5_000) do
            {:ok, :erlang.binary_to_term(data)}
            #     ^^^^^^^^^^^^^^^^^^^^^^
          end
        end`,
    },
    {
      title: 'A signed cookie that the application verifies itself',
      bad: `
        defmodule ShopWeb.Basket do
          alias Plug.Crypto.MessageVerifier

          def read(conn, secret) do
            decode(MessageVerifier.verify(conn.cookies["basket"], secret))
          end

          defp decode({:ok, binary}), do: :erlang.binary_to_term(binary)
          #                               ^^^^^^^^^^^^^^^^^^^^^^
          defp decode(:error), do: %{}
        end`,
      severity: 'info',
    },
    {
      title: 'Verified first',
      good: `
        def cart(conn) do
          {:ok, binary} = Plug.Crypto.verify(conn.secret_key_base, "cart", conn.cookies["cart"])
          :erlang.binary_to_term(binary)
        end`,
    },
    {
      title: 'A signed cookie',
      good: `
        def cart(conn) do
          conn = Plug.Conn.fetch_cookies(conn, signed: ["cart"])
          :erlang.binary_to_term(conn.cookies["cart"], [:safe])
        end`,
    },
    {
      title: 'An own file, and bytes of unknown origin',
      good: `
        def load(path, bytes) do
          {path |> File.read!() |> :erlang.binary_to_term(), :erlang.binary_to_term(bytes)}
        end`,
    },
    {
      title: 'A message of another process',
      good: `
        def handle_info({:snapshot, binary}, state) do
          {:noreply, Map.merge(state, :erlang.binary_to_term(binary))}
        end`,
    },
  ],
  triggers: { calls: [':erlang.binary_to_term'] },

  *check(file, context) {
    if (isTestPath(file.path)) return;
    for (const call of callsTo(file, [':erlang.binary_to_term/1', ':erlang.binary_to_term/2'])) {
      const [bytes, options] = call.args;
      const isSafe = options?.kind === 'list' && options.items.some((item) => item.kind === 'atom' && item.value === 'safe');
      const source = bytes && (untrustedSource(file, bytes) ?? (isSafe ? undefined : signedSource(file, bytes)));
      if (!source) continue;
      const fix = decodeSafely(file, context, call, isSafe);
      yield {
        range: call.callee,
        message: messageFor(source, isSafe),
        ...(isSafe && { severity: 'warning' as const }),
        ...(source.from === 'signed' && { severity: 'info' as const }),
        related: [{ message: 'It comes in here.', range: source.at.range }],
        ...(fix && { fix }),
      };
    }
  },
} satisfies Rule;

const arrivals: Readonly<Record<Exclude<Untrusted['from'], 'signed'>, string>> = {
  socket: 'arrives at the socket',
  request: 'a request brings',
  queue: 'the queue delivers',
};

function messageFor({ from }: Untrusted, isSafe: boolean): string {
  if (from === 'signed') return `The key is all that keeps code out here: whoever learns it can hand in a function. Use \`${decoder}/2\`.`;
  return isSafe
    ? `\`[:safe]\` keeps new atoms out of what ${arrivals[from]}, not functions, which run when they are enumerated. Use \`${decoder}/2\`.`
    : `Who writes what ${arrivals[from]} can fill the table of atoms or hand in a function. Use \`${decoder}/2\` with \`[:safe]\`.`;
}

function decodeSafely(file: FileFacts, { project }: Context, call: Call, isSafe: boolean): Fix | undefined {
  if (!project?.dependencies.has('plug_crypto') || call.applied || !call.parens || (call.args.length > 1 && !isSafe)) return undefined;
  const last = call.args.at(-1);
  const edits = [replace(call.callee, decoder)];
  if (call.args.length === 1) {
    const at = call.piped ? call.parens.end : (last?.range.end ?? call.parens.end);
    edits.push(insertAt(at, call.piped ? '[:safe]' : ', [:safe]'));
  }
  return safeWhereItFits(file, 'Decode neither new atoms nor functions', edits);
}

defmodule :partisan do
  def node, do: Kernel.node()
  def nodes, do: Node.list()
  def self, do: Kernel.self()

  def forward_message(server, message, options \\ %{}) when is_map(options),
    do: send(server, message) && :ok

  def cast_message(server, message, options \\ %{}) when is_map(options),
    do: GenServer.cast(server, message)
end

defmodule :partisan_peer_service do
  def join(_node), do: :ok
  def leave, do: :ok
  def members, do: {:ok, [node() | Node.list()]}
end

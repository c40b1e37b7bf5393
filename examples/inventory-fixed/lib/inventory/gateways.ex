defmodule Inventory.Gateways do
  @moduledoc "The gateways of the warehouses' scanners, reached through Partisan's overlay."

  @doc "The gateways that this node knows of."
  def known do
    {:ok, nodes} = :partisan_peer_service.members()
    List.delete(nodes, :partisan.node())
  end

  @doc "Tells a gateway, which may be several hops away; it may never arrive."
  def notify(gateway, message) do
    :partisan.forward_message({Inventory.Scanner, gateway}, message, %{transitive: true})
  end
end

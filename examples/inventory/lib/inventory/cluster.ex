defmodule Inventory.Cluster do
  @moduledoc "The nodes that hold stock, and those that join for a while."

  require Logger

  @doc "The nodes that hold stock, as configured."
  def members, do: Application.fetch_env!(:inventory, :members)

  @doc "Lets a visiting node, such as a console, see this one."
  def join(node) do
    if Node.connect(node) do
      Logger.info("connected to #{node}")
      :ok
    else
      {:error, :unreachable}
    end
  end

  @doc "Connects to all members, where discovery is turned off."
  def join_members do
    Enum.each(members(), &Node.connect/1)
  end
end

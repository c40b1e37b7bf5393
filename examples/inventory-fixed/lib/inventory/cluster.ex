defmodule Inventory.Cluster do
  @moduledoc "The nodes that hold stock, and those that join for a while."

  require Logger

  @doc "The nodes that hold stock, as configured."
  def members, do: Application.fetch_env!(:inventory, :members)

  @doc "Lets a visiting node, such as a console, see this one."
  def join(node) do
    case Node.connect(node) do
      true ->
        Logger.info("connected to #{node}")
        :ok

      false ->
        {:error, :unreachable}

      :ignored ->
        {:error, :not_distributed}
    end
  end

  @doc "Connects to all members, where discovery is turned off; answers which of them failed."
  def join_members do
    case Enum.reject(members(), &(join(&1) == :ok)) do
      [] -> :ok
      failed -> {:error, failed}
    end
  end
end

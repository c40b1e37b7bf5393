defmodule Ledger.Journal do
  @moduledoc "Every booking, in the one order that a majority of the members has agreed on."

  require Logger

  @name :journal

  @doc "Forms the cluster, or joins it again."
  def start do
    machine = {:module, Ledger.Journal.Machine, [retention: 90]}

    case :ra.start_cluster(:default, @name, machine, servers()) do
      {:ok, started, []} -> Logger.info("the journal is kept by #{length(started)} members")
      {:ok, _started, missing} -> Logger.warning("without #{inspect(missing)}")
      {:error, :cluster_not_formed} -> :ra.restart_server(:default, {@name, node()})
    end
  end

  @doc "Appends a booking; it is kept once this answers `:ok`."
  def append(from, to, amount) do
    case :ra.process_command(servers(), {:append, from, to, amount}, 2_000) do
      {:ok, :ok, _leader} -> :ok
      {:timeout, _server} -> {:error, :not_booked}
      {:error, reason} -> {:error, reason}
    end
  end

  @doc "Notes a booking for the statistics; the answer comes as a message."
  def note(from, to, amount) do
    :ra.pipeline_command({@name, node()}, {:note, from, to, amount}, :noted)
  end

  defp servers, do: for(node <- Application.fetch_env!(:ledger, :members), do: {@name, node})
end

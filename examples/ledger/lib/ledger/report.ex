defmodule Ledger.Report do
  @moduledoc "What is told about a day."

  import Ecto.Query

  alias Ledger.{Account, Repo}

  @doc "The sum over all accounts, as the central bank wants it."
  def of(day) do
    total = Repo.one(from(account in Account, select: sum(account.balance)))
    %{day: Date.to_iso8601(day), currency: "EUR", total: total || 0}
  end

  @doc "Writes the report for the printers in the branches."
  def print(day), do: File.write!("statements/#{day}.txt", inspect(of(day)))

  @doc "The report, unless another node computes it already: the sum takes a minute."
  def compute(day) do
    if :global.set_lock({{:report, day}, self()}, [node() | Node.list()], 0) do
      {:ok, of(day)}
    else
      {:error, :in_progress}
    end
  end
end

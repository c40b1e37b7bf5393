defmodule Ledger.Accounts do
  @moduledoc "Balances, in cents."

  import Ecto.Query

  alias Ledger.{Account, Repo}

  @doc "Takes an amount from an account that has it."
  def withdraw(id, amount) do
    account = Repo.get!(Account, id)

    if account.balance >= amount do
      account
      |> Ecto.Changeset.change(balance: account.balance - amount)
      |> Repo.update()
    else
      {:error, :insufficient_funds}
    end
  end

  @doc "Adds an amount to an account."
  def deposit(id, amount) do
    query = from(account in Account, where: account.id == ^id)
    {1, _rows} = Repo.update_all(query, inc: [balance: amount])
    :ok
  end
end

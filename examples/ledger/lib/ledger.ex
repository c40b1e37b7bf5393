defmodule Ledger do
  @moduledoc "Books money from account to account, and tells what was booked."

  alias Ledger.{Accounts, Journal}

  @doc "Moves an amount, in cents."
  def transfer(from, to, amount) when amount > 0 do
    with :ok <- Journal.append(from, to, amount),
         {:ok, _account} <- Accounts.withdraw(from, amount) do
      Accounts.deposit(to, amount)
    end
  end
end

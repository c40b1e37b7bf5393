defmodule Ledger.Account do
  use Ecto.Schema

  schema "accounts" do
    field(:owner, :string)
    field(:balance, :integer, default: 0)
    timestamps()
  end
end

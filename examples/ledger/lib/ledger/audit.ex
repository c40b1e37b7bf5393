defmodule Ledger.Audit do
  @moduledoc "The trail of who looked at what, in a group of its own so that it never slows a booking down."
  use GenServer

  @name :audit
  @patience 2_000

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @impl true
  def init(nil) do
    :ok = :pg.join(@name, :members, self())
    Process.send_after(self(), :form, @patience)
    {:ok, nil}
  end

  # By now the other nodes have been found.
  @impl true
  def handle_info(:form, state) do
    case :pg.get_members(@name, :members) -- [self()] do
      [] ->
        :ra.start_cluster(:default, @name, machine(), [{@name, node()}])

      [member | _] ->
        {:ok, _reply, _leader} = :ra.add_member({@name, node(member)}, {@name, node()})
        :ra.start_server(:default, @name, {@name, node()}, machine(), [])
    end

    {:noreply, state}
  end

  defp machine, do: {:module, Ledger.Journal.Machine, %{retention: 365}}
end

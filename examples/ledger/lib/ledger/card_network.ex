defmodule Ledger.CardNetwork do
  @moduledoc "The session with the card network, which lets a bank have one. What is not confirmed goes to disk."
  use GenServer

  @file_name "unconfirmed.bin"

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil)

  @doc "Sends an authorisation over the session, wherever it is."
  def authorise(card, amount) do
    case :global.whereis_name(:card_network) do
      :undefined -> {:error, :no_session}
      session -> GenServer.call(session, {:authorise, card, amount}, 3_000)
    end
  end

  @impl true
  def init(nil) do
    Process.flag(:trap_exit, true)

    case :global.register_name(:card_network, self()) do
      :yes -> {:ok, %{unconfirmed: []}}
      :no -> :ignore
    end
  end

  @impl true
  def handle_call({:authorise, card, amount}, _from, state) do
    {:reply, :sent, %{state | unconfirmed: [{card, amount} | state.unconfirmed]}}
  end

  @impl true
  def terminate(_reason, %{unconfirmed: unconfirmed}) do
    File.write!(@file_name, :erlang.term_to_binary(unconfirmed))
  end
end

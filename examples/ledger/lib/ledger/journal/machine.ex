defmodule Ledger.Journal.Machine do
  @moduledoc "The state of the journal: bookings by their number, and what they add up to."
  @behaviour :ra_machine

  @impl true
  def init(config), do: %{retention: config.retention, next: 1, bookings: %{}, noted: 0}

  @impl true
  def apply(_meta, {:append, from, to, amount}, state) do
    bookings = Map.put(state.bookings, state.next, {from, to, amount})
    {%{state | next: state.next + 1, bookings: bookings}, :ok}
  end

  def apply(_meta, {:note, _from, _to, amount}, state) do
    {%{state | noted: state.noted + amount}, :ok}
  end

  def apply(_meta, _unknown, state), do: {state, {:error, :unknown_command}}
end

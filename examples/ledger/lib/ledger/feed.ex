defmodule Ledger.Feed do
  @moduledoc "Follows the rates of the provider, which allows one connection for all of us."
  use GenServer

  @name :rate_feed
  @every :timer.seconds(10)

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil)

  @impl true
  def init(nil) do
    Process.send_after(self(), :poll, @every)
    {:ok, %{connected: register()}}
  end

  @impl true
  def handle_info(:poll, %{connected: false} = state) do
    Process.send_after(self(), :poll, @every)
    {:noreply, %{state | connected: register()}}
  end

  def handle_info(:poll, state) do
    Process.send_after(self(), :poll, @every)
    Req.get!("https://rates.example/v1/latest")
    {:noreply, state}
  end

  def handle_info(_message, state), do: {:noreply, state}

  defp register do
    :global.register_name(@name, self(), &:global.random_notify_name/3) == :yes
  end
end

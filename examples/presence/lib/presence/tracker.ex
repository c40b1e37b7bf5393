defmodule Presence.Tracker do
  @moduledoc "Who is online, as every node knows it after a moment."
  use Phoenix.Tracker

  def start_link(opts) do
    Phoenix.Tracker.start_link(__MODULE__, opts, Keyword.put(opts, :name, __MODULE__))
  end

  @doc "Notes that a session is in a room, until it ends."
  def track(session, room_id, user_id) do
    Phoenix.Tracker.track(__MODULE__, session, "room:#{room_id}", user_id, %{node: node()})
  end

  @doc "The users of a room."
  def list(room_id), do: Phoenix.Tracker.list(__MODULE__, "room:#{room_id}")

  @impl true
  def init(opts), do: {:ok, %{pubsub: Keyword.fetch!(opts, :pubsub_server)}}

  @impl true
  def handle_diff(diff, state) do
    for {topic, {joins, leaves}} <- diff do
      for {user_id, _meta} <- joins do
        Phoenix.PubSub.broadcast(state.pubsub, topic, {:online, user_id})
      end

      for {user_id, _meta} <- leaves do
        Phoenix.PubSub.broadcast(state.pubsub, topic, {:offline, user_id})
      end
    end

    {:ok, state}
  end
end

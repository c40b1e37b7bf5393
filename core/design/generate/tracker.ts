/** Presence with `Phoenix.Tracker`. */
import type { Names } from './names';

/** The tracker. */
export function presenceTracker({ module }: Names): string {
  return `defmodule ${module}.Tracker do
  @moduledoc """
  Who is online, on all nodes, with \`Phoenix.Tracker\` (phoenix_pubsub 2.2).

      {Phoenix.PubSub, name: ${module}.PubSub, pool_size: 1},
      {${module}.Tracker, pubsub_server: ${module}.PubSub, pool_size: 1}

  Both pool sizes must be the same numbers on every node, never computed from the machine: nodes
  with different pools lose each other's messages without an error.

  An entry belongs to a process and goes with it. When a node is lost, its entries go after
  \`down_period\`; during a partition each side sees its own, and afterwards both see all again.
  """

  use Phoenix.Tracker

  def start_link(options) do
    options = Keyword.merge([name: __MODULE__, down_period: 30_000], options)
    Phoenix.Tracker.start_link(__MODULE__, options, options)
  end

  @doc "Lists this process under a key for as long as it lives."
  def track(topic, key, metadata \\\\ %{}),
    do: Phoenix.Tracker.track(__MODULE__, self(), topic, key, metadata)

  @doc "\`[{key, metadata}]\`, as this node sees it."
  def list(topic), do: Phoenix.Tracker.list(__MODULE__, topic)

  @impl true
  def init(options) do
    {:ok, %{pubsub_server: Keyword.fetch!(options, :pubsub_server)}}
  end

  # Runs on every node and inside the tracker: tells the subscribers of this node only, and waits
  # for nothing.
  @impl true
  def handle_diff(diff, state) do
    for {topic, {joins, leaves}} <- diff do
      message = {__MODULE__, topic, %{joins: joins, leaves: leaves}}
      Phoenix.PubSub.local_broadcast(state.pubsub_server, topic, message)
    end

    {:ok, state}
  end
end
`;
}

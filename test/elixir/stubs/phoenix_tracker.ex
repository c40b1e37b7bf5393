# The signatures of Phoenix.Tracker in phoenix_pubsub 2.2.0.
defmodule Phoenix.Tracker do
  @callback init(keyword) :: {:ok, term} | {:error, term}
  @callback handle_diff(%{String.t() => {joins :: list, leaves :: list}}, term) :: {:ok, term}
  @callback handle_info(term, term) :: {:noreply, term}
  @optional_callbacks handle_info: 2

  defmacro __using__(_options) do
    quote do
      @behaviour Phoenix.Tracker

      def child_spec(argument),
        do: %{id: __MODULE__, start: {__MODULE__, :start_link, [argument]}, type: :supervisor}

      defoverridable child_spec: 1
    end
  end

  def start_link(tracker, tracker_argument, pool_options) do
    _pubsub = Keyword.fetch!(pool_options, :pubsub_server)
    {:ok, _state} = tracker.init(tracker_argument)
    Agent.start_link(fn -> [] end, name: Keyword.fetch!(pool_options, :name))
  end

  def track(tracker, pid, topic, key, meta) when is_pid(pid) and is_map(meta) do
    :ok = Agent.update(tracker, &[{topic, key, meta} | &1])
    {:ok, to_string(:erlang.phash2({topic, key}))}
  end

  def untrack(tracker, pid, topic, key) when is_pid(pid),
    do: Agent.update(tracker, &Enum.reject(&1, fn {t, k, _meta} -> {t, k} == {topic, key} end))

  def list(tracker, topic),
    do: for({^topic, key, meta} <- Agent.get(tracker, & &1), do: {key, meta})
end

defmodule Inventory.Metrics do
  @moduledoc "Telemetry of the application's own."

  @doc "Runs `fun` and tells how many milliseconds it took."
  def measure(name, fun) do
    started = System.os_time(:millisecond)
    result = fun.()
    elapsed = System.os_time(:millisecond) - started
    :telemetry.execute([:inventory, name], %{duration: elapsed}, %{})
    result
  end

  @doc "Tells that the node started."
  def booted do
    :telemetry.execute(
      [:inventory, :boot],
      %{system_time: System.monotonic_time()},
      %{node: node()}
    )
  end
end

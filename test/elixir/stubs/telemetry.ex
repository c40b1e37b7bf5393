defmodule :telemetry do
  def execute([_ | _], measurements, metadata \\ %{})
      when is_map(measurements) and is_map(metadata),
      do: :ok
end

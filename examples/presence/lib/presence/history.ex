defmodule Presence.History do
  @moduledoc "What was said in a room, as lines of JSON in a file of its own."

  @doc "Appends the lines, which come latest first."
  def write(room_id, said) do
    lines = said |> Enum.reverse() |> Enum.map(&[Jason.encode!(&1), ?\n])
    File.write!(path(room_id), lines, [:append])
  end

  defp path(room_id) do
    Path.join(Application.fetch_env!(:presence, :history), "#{room_id}.jsonl")
  end
end

# The signatures of ra 2.17.
defmodule :ra_machine do
  @callback init(map) :: term
  @callback apply(map, term, state) :: {state, term} | {state, term, [tuple] | tuple}
            when state: term
  @callback state_enter(atom, term) :: [tuple]
  @callback tick(integer, term) :: [tuple]
  @callback overview(term) :: map
  @callback version() :: non_neg_integer
  @callback which_module(non_neg_integer) :: module
  @optional_callbacks state_enter: 2, tick: 2, overview: 1, version: 0, which_module: 1
end

defmodule :ra do
  def start_cluster(system, configs, timeout \\ 5_000)

  def start_cluster(system, [_ | _], timeout) when is_atom(system) and is_integer(timeout),
    do: not_formed()

  def start_cluster(system, _name, _machine, _servers) when is_atom(system), do: not_formed()

  def start_server(system, _name, {_, _}, _machine, _servers) when is_atom(system),
    do: {:error, :system_not_started}

  def restart_server(system, {_, _}) when is_atom(system), do: {:error, :name_not_registered}
  def stop_server(system, {_, _}) when is_atom(system), do: :ok
  def force_delete_server(system, {_, _}) when is_atom(system), do: :ok

  def process_command(_server, _command, _timeout \\ 5_000), do: unreachable()

  def consistent_query(_server, query, _timeout \\ 5_000)
      when is_tuple(query) or is_function(query, 1),
      do: unreachable()

  def leader_query(_server, query, _timeout \\ 5_000)
      when is_tuple(query) or is_function(query, 1),
      do: unreachable()

  def local_query(_server, query, _timeout \\ 5_000)
      when is_tuple(query) or is_function(query, 1),
      do: unreachable()

  def members(_server, _timeout \\ 5_000), do: unreachable()
  def add_member(_server, {_, _}, _timeout \\ 5_000), do: unreachable()
  def remove_member(_server, {_, _}, _timeout \\ 5_000), do: unreachable()
  def trigger_election({_, _}, _timeout \\ 5_000), do: :ok

  defp not_formed, do: {:error, :cluster_not_formed}
  defp unreachable, do: {:error, :noproc}
end

defmodule :ra_system do
  def start_default, do: start(default_config())
  def start(%{name: _, data_dir: _}), do: {:ok, self()}
  def default_config, do: %{name: :default, data_dir: ~c"."}
end

defmodule :ra_directory do
  def uid_of(system, _name) when is_atom(system), do: :undefined
end

defmodule :ra_leaderboard do
  def lookup_leader(_cluster), do: :undefined
  def lookup_members(_cluster), do: :undefined
end

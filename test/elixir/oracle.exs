# Elixir's own word on Elixir source, for the tests beside this file. One request a line on stdin, one answer a line on stdout:
#
#     request   ID COMMAND ARGUMENT…          answer   ID FIELD…
#
# Separated by spaces; arguments and fields are in base64, so they may be empty and hold anything. The first field is `ok` or `error`.
# It ends with its input.
defmodule Oracle do
  @definitions [:def, :defp, :defmacro, :defmacrop, :defdelegate, :defguard, :defguardp]

  def run do
    case IO.gets("") do
      :eof ->
        :ok

      line ->
        [id, command | arguments] = line |> String.trim_trailing("\n") |> String.split(" ")
        fields = answer(command, Enum.map(arguments, &Base.decode64!/1))
        IO.puts(Enum.join([id | Enum.map(fields, &Base.encode64(to_string(&1)))], " "))
        run()
    end
  end

  # parse SOURCE -> ok | error LINE COLUMN MESSAGE
  defp answer("parse", [source]) do
    with {:ok, _quoted} <- quoted(source), do: ["ok"]
  end

  # format SOURCE -> ok TEXT | error LINE COLUMN MESSAGE
  defp answer("format", [source]) do
    with {:ok, _quoted} <- quoted(source) do
      ["ok", [Code.format_string!(source), "\n"]]
    end
  end

  # modules SOURCE -> ok (MODULE | MODULE KIND NAME ARITY MIN_ARITY)… | error LINE COLUMN MESSAGE
  defp answer("modules", [source]) do
    with {:ok, quoted} <- quoted(source) do
      {_scope, found} = walk(quoted, %{module: nil, aliases: %{}}, [])
      ["ok" | found |> Enum.reverse() |> Enum.uniq()]
    end
  end

  # compile PATH… -> (ok | error) MESSAGE…, the messages are warnings and errors
  defp answer("compile", paths) do
    case Kernel.ParallelCompiler.compile(paths) do
      {:ok, modules, warnings} ->
        for module <- modules do
          :code.purge(module)
          :code.delete(module)
        end

        ["ok" | Enum.map(warnings, &message/1)]

      {:error, errors, warnings} ->
        ["error" | Enum.map(errors ++ warnings, &message/1)]
    end
  end

  defp quoted(source) do
    case Code.string_to_quoted(source, columns: true, emit_warnings: false) do
      {:ok, quoted} ->
        {:ok, quoted}

      {:error, {place, text, token}} ->
        ["error", place[:line], place[:column], reason(text) <> token]
    end
  end

  defp reason({before, rest}), do: before <> rest
  defp reason(text), do: text

  defp message({file, {line, _column}, text}), do: message({file, line, text})
  defp message({file, line, text}), do: "#{file}:#{line}: #{text}"

  # What is defined in code: modules under their full names, functions in the module around them. Quoted code defines nothing yet.
  defp walk({:quote, _, _}, scope, found), do: {scope, found}

  defp walk({:alias, _, [target | options]}, scope, found) do
    {Map.update!(scope, :aliases, &Map.merge(&1, aliases(target, options, scope))), found}
  end

  defp walk({kind, _, [name | rest]}, scope, found) when kind in [:defmodule, :defprotocol] do
    case module_name(name, scope) do
      nil ->
        {scope, found}

      full ->
        {_inside, found} = walk(rest, %{scope | module: full}, [full | found])
        {nested(name, scope), found}
    end
  end

  defp walk({:defimpl, _, [protocol | rest]}, scope, found) do
    types = Enum.find_value(List.flatten(rest), [:self], &(match?({:for, _}, &1) && elem(&1, 1)))

    modules =
      for type <- List.wrap(types),
          type = if(type == :self, do: scope.module, else: expand(type, scope)),
          protocol = expand(protocol, scope),
          do: "#{protocol}.#{type}"

    inside = fn module, found ->
      elem(walk(rest, %{scope | module: module}, [module | found]), 1)
    end

    {scope, Enum.reduce(modules, found, inside)}
  end

  defp walk({kind, _, [head | rest]} = node, %{module: module} = scope, found)
       when kind in @definitions and module != nil do
    case signature(head) do
      {name, parameters} ->
        arity = length(parameters)
        minimum = arity - Enum.count(parameters, &match?({:\\, _, _}, &1))

        {_inside, found} =
          walk(rest, scope, ["#{module} #{kind} #{name} #{arity} #{minimum}" | found])

        {scope, found}

      nil ->
        {_inside, found} = walk(Tuple.to_list(node), scope, found)
        {scope, found}
    end
  end

  # An alias made inside a block ends with it.
  defp walk({:__block__, _, body}, scope, found), do: walk_all(body, scope, found)

  defp walk({callee, _, arguments}, scope, found) do
    {_inside, found} = walk_all([callee | List.wrap(arguments)], scope, found)
    {scope, found}
  end

  defp walk({left, right}, scope, found) do
    {_inside, found} = walk(left, scope, found)
    {_inside, found} = walk(right, scope, found)
    {scope, found}
  end

  defp walk(list, scope, found) when is_list(list), do: walk_all(list, scope, found)
  defp walk(_leaf, scope, found), do: {scope, found}

  defp walk_all(nodes, scope, found) do
    Enum.reduce(nodes, {scope, found}, fn node, {scope, found} -> walk(node, scope, found) end)
  end

  defp signature({:when, _, [head, _guard]}), do: signature(head)
  defp signature({:unquote, _, _}), do: nil
  defp signature({name, _, context}) when is_atom(name) and is_atom(context), do: {name, []}
  defp signature({name, _, parameters}) when is_atom(name), do: {name, parameters}
  defp signature(_computed), do: nil

  defp module_name({:__aliases__, _, [:"Elixir", _ | _] = segments}, _scope),
    do: join(tl(segments))

  defp module_name({:__aliases__, _, [first | _] = segments}, %{module: module})
       when module != nil and is_atom(first) do
    "#{module}.#{join(segments)}"
  end

  defp module_name(name, scope), do: expand(name, scope)

  # `defmodule B.C` in `A` also makes `B` mean `A.B` from there on.
  defp nested({:__aliases__, _, [first | _]}, %{module: module} = scope)
       when module != nil and is_atom(first) do
    put_in(scope.aliases[first], "#{module}.#{first}")
  end

  defp nested(_name, scope), do: scope

  defp aliases({{:., _, [base, :{}]}, _, members}, _options, scope) do
    with full when full != nil <- expand(base, scope) do
      for {:__aliases__, _, segments} <- members, into: %{} do
        {List.last(segments), "#{full}.#{join(segments)}"}
      end
    else
      nil -> %{}
    end
  end

  defp aliases(target, options, scope) do
    as = Enum.find_value(List.flatten(options), &(match?({:as, _}, &1) && elem(&1, 1)))

    case {expand(target, scope), as, target} do
      {nil, _as, _target} ->
        %{}

      {full, {:__aliases__, _, [name]}, _target} ->
        %{name => full}

      {full, nil, {:__aliases__, _, segments}} ->
        %{List.last(segments) => full}

      {full, nil, {:__MODULE__, _, _}} ->
        %{(full |> String.split(".") |> List.last() |> String.to_atom()) => full}

      _other ->
        %{}
    end
  end

  defp expand({:__MODULE__, _, context}, scope) when is_atom(context), do: scope.module
  defp expand({:__aliases__, _, [:"Elixir", _ | _] = segments}, _scope), do: join(tl(segments))

  defp expand({:__aliases__, _, [{:__MODULE__, _, _} | segments]}, scope) do
    scope.module && "#{scope.module}.#{join(segments)}"
  end

  defp expand({:__aliases__, _, [first | rest]}, scope) when is_atom(first) do
    join([Map.get(scope.aliases, first, first) | rest])
  end

  defp expand(name, _scope) when is_atom(name) do
    case Atom.to_string(name) do
      "Elixir." <> full -> full
      erlang -> ":#{erlang}"
    end
  end

  defp expand(_computed, _scope), do: nil

  defp join(segments), do: Enum.join(segments, ".")
end

Code.compiler_options(ignore_module_conflict: true, docs: false)
IO.puts("ready #{System.version()} #{System.otp_release()}")
Oracle.run()

import assert from 'node:assert/strict';
import test from 'node:test';
import { createExtractor } from '../../core/facts/extract';
import { childrenIn } from '../../core/project/children';
import { projectOf, projectRoots } from '../../core/project/nearest';
import { dedent } from '../../core/text';

const extract = await createExtractor();

function children(text: string): readonly (readonly [string, string])[] {
  const source = dedent(text);
  return childrenIn(extract('lib/app.ex', source)).map(({ module, range }) => [module, source.slice(range.start, range.end)]);
}

const modules = (text: string): readonly string[] => children(text).map(([module]) => module);

test('children in every way that Elixir writes them', () => {
  const found = children(`
    defmodule App do
      use Application
      import Supervisor.Spec
      alias App.{Repo, Cache}

      def start(_, _) do
        children = [
          Repo,
          {Cache, size: 10},
          %{id: :worker, start: {App.Worker, :start_link, [[]]}, restart: :transient},
          Supervisor.child_spec({App.Jobs, []}, id: :jobs),
          worker(App.Old, [1]),
          supervisor(App.OldSupervisor, []),
          {Highlander, {App.Singleton, []}},
          {HighlanderPG, [child: App.Other, connect_opts: []]},
          {PartitionSupervisor, child_spec: DynamicSupervisor, name: App.Partitions},
          :poolboy.child_spec(:pool, []),
          {:not_a_module, 1}
        ]

        Supervisor.start_link(children, strategy: :one_for_one)
      end
    end
  `);
  assert.deepEqual(found, [
    ['App.Repo', 'Repo'],
    ['App.Cache', '{Cache, size: 10}'],
    ['App.Worker', '%{id: :worker, start: {App.Worker, :start_link, [[]]}, restart: :transient}'],
    ['App.Jobs', '{App.Jobs, []}'],
    ['App.Old', 'worker(App.Old, [1])'],
    ['App.OldSupervisor', 'supervisor(App.OldSupervisor, [])'],
    ['Highlander', '{Highlander, {App.Singleton, []}}'],
    ['App.Singleton', '{App.Singleton, []}'],
    ['HighlanderPG', '{HighlanderPG, [child: App.Other, connect_opts: []]}'],
    ['App.Other', 'App.Other'],
    ['PartitionSupervisor', '{PartitionSupervisor, child_spec: DynamicSupervisor, name: App.Partitions}'],
    ['DynamicSupervisor', 'DynamicSupervisor'],
    [':poolboy', ':poolboy.child_spec(:pool, [])'],
  ]);
});

test('lists that are put together', () => {
  const found = modules(`
    defmodule App do
      use Application

      def start(_, _) do
        [A, b()]
        |> Kernel.++(if(prod?(), do: [C], else: []))
        |> Enum.reject(&is_nil/1)
        |> Supervisor.start_link(strategy: :one_for_one)
      end

      defp b, do: {B, []}
    end

    defmodule Sup do
      use Supervisor
      @static [D, E]
      def init(_) do
        base = @static ++ maybe(:f)
        pools = for name <- [:x, :y], do: {H, name}
        more = Enum.map(1..2, fn n -> {I, n} end)
        Supervisor.init(List.flatten([base, pools, more | tail()]), strategy: :one_for_one)
      end

      defp maybe(:f) do
        case System.get_env("F") do
          nil -> []
          _ -> [F, G]
        end
      end

      defp tail, do: [J]
    end
  `);
  assert.deepEqual([...found].sort(), ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J']);
});

test('functions that are called children', () => {
  const found = modules(`
    defmodule App do
      use Application
      def start(_, _), do: App.Boot.run(children(Mix.env()))
      defp children(:test), do: [A]
      defp children(_), do: children(:test) ++ [B | web_children()]
      defp web_children(), do: [C]
    end
  `);
  assert.deepEqual(found, ['A', 'B', 'C']);
});

test('what is started on demand or only describes itself is no child', () => {
  const found = modules(`
    defmodule App.Worker do
      use GenServer
      def child_spec(arg), do: %{id: arg, start: {__MODULE__, :start_link, [arg]}}
      def start(arg), do: DynamicSupervisor.start_child(App.Supervisor, {App.Worker, arg})
      def link(arg), do: Supervisor.start_link(App.Module, arg, name: App.Name)
    end

    defmodule App.Wrapper do
      def child_spec(arg), do: %{id: arg, start: {App.Wrapped, :start_link, [arg]}}
    end
  `);
  assert.deepEqual(found, ['App.Wrapped']);
});

test('the project of a file: the nearest mix.exs, or the umbrella that it is an application of', () => {
  const roots = projectRoots(
    new Map([
      ['mix.exs', 'def project, do: [\n  # apps_path: "wrong",\n  apps_path: "apps",\n]'],
      ['apps/web/mix.exs', 'def project, do: [app: :web]'],
      ['apps/web/demo/mix.exs', 'def project, do: [app: :demo]'],
      ['apps/nested/deep/mix.exs', 'def project, do: [app: :deep]'],
      ['tools/gen/mix.exs', 'def project, do: [app: :gen]'],
      ['tools/other/mix.exs', 'def project, do: [apps_path: "./services/"]'],
      ['tools/other/services/a/mix.exs', 'def project, do: [app: :a]'],
    ]),
  );
  assert.deepEqual(projectOf(roots, 'lib/a.ex'), { root: '', app: '' });
  assert.deepEqual(projectOf(roots, 'apps/web/lib/a.ex'), { root: '', app: 'apps/web' });
  assert.deepEqual(projectOf(roots, 'apps/web/demo/lib/a.ex'), { root: 'apps/web/demo', app: 'apps/web/demo' });
  assert.deepEqual(projectOf(roots, 'apps/nested/deep/lib/a.ex'), { root: 'apps/nested/deep', app: 'apps/nested/deep' });
  assert.deepEqual(projectOf(roots, 'tools/gen/mix.exs'), { root: 'tools/gen', app: 'tools/gen' });
  assert.deepEqual(projectOf(roots, 'tools/other/services/a/x.ex'), { root: 'tools/other', app: 'tools/other/services/a' });
  assert.equal(projectOf(projectRoots(new Map([['app/mix.exs', '']])), 'lib/a.ex'), undefined);
  assert.deepEqual(projectOf(projectRoots(new Map([['/home/me/app/mix.exs', '']])), '/home/me/app/lib/a.ex')?.root, '/home/me/app');
});

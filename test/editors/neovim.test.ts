/** A real Neovim with the configuration of docs/editors.md, on the project of the examples. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';

const rule = 'quorum-half-is-not-majority';

/** What Neovim saw, as `drive` writes it down. */
interface Seen {
  readonly client: { readonly name: string; readonly root: string };
  readonly diagnostics: readonly {
    readonly code: string;
    readonly source: string;
    readonly severity: number;
    readonly line: number;
    readonly text: string;
  }[];
  readonly hover: string;
  readonly actions: readonly string[];
  readonly fixed: string;
  readonly left: readonly string[];
  readonly page: readonly string[];
  readonly simulation: readonly string[];
}

/** Steps through the file as a person would, each step after the event that it waits for, and writes down what there was to see. */
const drive = `
local seen = {}
local step
local function resume(...)
  if coroutine.status(step) == "dead" then return end
  local ok, problem = coroutine.resume(step, ...)
  if not ok then
    io.stderr:write(debug.traceback(problem) .. "\\n")
    vim.cmd("cquit")
  end
end

vim.api.nvim_create_autocmd("DiagnosticChanged", { callback = function() vim.schedule(function() resume("diagnostics") end) end })

local function codes()
  return vim.tbl_map(function(diagnostic) return diagnostic.code or diagnostic.user_data.lsp.code end, vim.diagnostic.get(0))
end

local function diagnostics_until(accept)
  while not accept(codes()) do coroutine.yield() end
end

local function choose(title)
  vim.ui.select = function(items, options, chosen)
    seen.actions = vim.tbl_map(options.format_item, items)
    for _, item in ipairs(items) do
      if options.format_item(item) == title then
        chosen(item)
        return resume("chosen")
      end
    end
    error("no action " .. title)
  end
  vim.lsp.buf.code_action()
  while coroutine.yield() ~= "chosen" do end
end

step = coroutine.create(function()
  local source = vim.api.nvim_get_current_buf()
  diagnostics_until(function(found) return vim.tbl_contains(found, "${rule}") end)
  local client = (vim.lsp.get_clients or vim.lsp.get_active_clients)()[1]
  seen.client = { name = client.name, root = client.config.root_dir }
  seen.diagnostics = vim.tbl_map(function(diagnostic)
    local lines = vim.api.nvim_buf_get_text(0, diagnostic.lnum, diagnostic.col, diagnostic.end_lnum, diagnostic.end_col, {})
    local code = diagnostic.code or diagnostic.user_data.lsp.code
    return { code = code, source = diagnostic.source, severity = diagnostic.severity, line = diagnostic.lnum + 1, text = table.concat(lines, "\\n") }
  end, vim.diagnostic.get(0))

  local first = vim.tbl_filter(function(diagnostic) return (diagnostic.code or diagnostic.user_data.lsp.code) == "${rule}" end, vim.diagnostic.get(0))[1]
  vim.api.nvim_win_set_cursor(0, { first.lnum + 1, first.col })
  vim.lsp.buf_request(0, "textDocument/hover", vim.lsp.util.make_position_params(), function(_, result)
    seen.hover = result.contents.value
    vim.schedule(function() resume("hover") end)
  end)
  while coroutine.yield() ~= "hover" do end

  choose("Explain ${rule}")
  seen.page = vim.api.nvim_buf_get_lines(0, 0, 5, false)
  vim.cmd("bwipeout!")
  choose("Show what happens in a partition")
  seen.simulation = vim.api.nvim_buf_get_lines(0, 0, -1, false)
  vim.cmd("bwipeout!")
  assert(vim.api.nvim_get_current_buf() == source)

  choose(vim.env.FIX)
  diagnostics_until(function(found) return not vim.tbl_contains(found, "${rule}") end)
  seen.fixed = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\\n") .. "\\n"
  seen.left = codes()

  vim.fn.writefile({ vim.fn.json_encode(seen) }, vim.env.SEEN)
  vim.schedule(function() vim.cmd("qall!") end)
end)
resume()
`;

/** The one block of Lua in docs/editors.md. */
function configuration(): string {
  const blocks = [...readFileSync('docs/editors.md', 'utf8').matchAll(/^```lua\n(.*?)^```$/gms)];
  assert.equal(blocks.length, 1);
  return blocks[0]?.[1] ?? '';
}

/** A folder of the test's own with the project, a home, and the command `netsplit`. */
function prepare(t: TestContext): { readonly project: string; readonly home: string; readonly bin: string } {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'netsplit-neovim-')));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [project, home, bin] = ['inventory', 'home', 'bin'].map((name) => path.join(folder, name)) as [string, string, string];
  cpSync('examples/inventory', project, { recursive: true });
  for (const made of [path.join(project, '.git'), home, bin]) mkdirSync(made);
  symlinkSync(path.resolve('dist/cli.js'), path.join(bin, 'netsplit'));
  return { project, home, bin };
}

test('Neovim, configured as the documentation says, shows findings, explains them and applies a fix', async (t) => {
  const { project, home, bin } = prepare(t);
  const file = path.join(project, 'lib/inventory/quorum.ex');
  const [init, driver, output] = ['init.lua', 'drive.lua', 'seen.json'].map((name) => path.join(home, name)) as [string, string, string];
  writeFileSync(init, configuration());
  writeFileSync(driver, drive);
  const before = readFileSync(file, 'utf8');

  const neovim = spawn('nvim', ['--headless', '-n', '-i', 'NONE', '-u', init, file, '-c', `luafile ${driver}`], {
    cwd: project,
    env: {
      ...process.env,
      PATH: `${bin}${path.delimiter}${process.env.PATH}`,
      HOME: home,
      XDG_CONFIG_HOME: home,
      XDG_DATA_HOME: home,
      XDG_STATE_HOME: home,
      XDG_CACHE_HOME: home,
      NO_COLOR: '1',
      FIX: 'Require one more than half',
      SEEN: output,
    },
  });
  t.after(() => neovim.kill('SIGKILL'));
  let messages = '';
  for (const stream of [neovim.stdout, neovim.stderr]) stream.on('data', (chunk) => (messages += chunk));
  neovim.stdin.end();
  const [status] = (await once(neovim, 'close')) as [number | null];
  assert.equal(status, 0, messages);

  const seen = JSON.parse(readFileSync(output, 'utf8')) as Seen;
  assert.equal(seen.client.name, 'netsplit');
  assert.equal(seen.client.root, project);
  assert.deepEqual(
    seen.diagnostics.filter(({ code }) => code === rule),
    [
      {
        code: rule,
        source: 'netsplit',
        severity: 1,
        line: before.split('\n').findIndex((line) => line.includes('>= quorum')) + 1,
        text: 'length(acks) >= quorum',
      },
    ],
  );
  assert.match(seen.hover, /\| Members \| Majority \| Tolerated failures \|/);
  assert.match(seen.hover, new RegExp(`\\(file://${path.resolve('docs/rules')}/${rule}\\.md\\)`));
  assert.equal(seen.page[0], `# ${rule}`);
  assert.ok(seen.simulation.length > 10, seen.simulation.join('\n'));
  assert.ok(seen.actions.includes(`Disable ${rule} for this line`), seen.actions.join());
  assert.equal(seen.fixed, before.replace('quorum = div(cluster_size, 2)\n', 'quorum = div(cluster_size, 2) + 1\n'));
  assert.ok(!seen.left.includes(rule));
  assert.doesNotMatch(messages, /error/i);
});

# Runs the ExUnit files that are named, in order; the status says whether all passed.
ExUnit.start(timeout: 120_000)
for file <- System.argv(), do: Code.require_file(file)

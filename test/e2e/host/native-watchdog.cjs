// Stands in for the native module by which the extension host ends with its server.
exports.start = (pid) => {
  const watch = () => {
    try {
      process.kill(pid, 0);
    } catch {
      process.exit(87);
    }
  };
  setInterval(watch, 1000).unref();
};
exports.exit = (code) => process.exit(code ?? 0);

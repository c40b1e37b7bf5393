// Stands in for the native log writer of VS Code's server: log files, from which output channels are shown, in plain JavaScript.
// `exports.name =`, so that an ES module's import sees the names.
const { appendFileSync, mkdirSync } = require('node:fs');
const { dirname } = require('node:path');

const names = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];

exports.version = 0;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.createRotatingLogger = async (_name, file) => createLogger(file);
exports.createAsyncRotatingLogger = async (_name, file) => createLogger(file);
exports.Logger = function Logger(_type, _name, file) {
  return createLogger(file);
};

function createLogger(file) {
  mkdirSync(dirname(file), { recursive: true });
  let lowest = names.indexOf('info');
  let bare = false;
  const write = (level) => (message) => {
    if (level < lowest) return;
    try {
      appendFileSync(file, bare ? message : `${new Date().toISOString()} [${names[level]}] ${message}\n`);
    } catch {
      // A log must not end what it is about: its folder may be gone while a server stops.
    }
  };
  return {
    trace: write(0),
    debug: write(1),
    info: write(2),
    warn: write(3),
    error: write(4),
    critical: write(5),
    getLevel: () => lowest,
    setLevel: (level) => {
      lowest = level;
    },
    clearFormatters: () => {
      bare = true;
    },
    setPattern() {},
    flush() {},
    drop() {},
  };
}

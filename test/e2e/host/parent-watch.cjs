// Loaded into VS Code's server before anything else: ends it when the process that started it is gone, however that ended.
const parent = process.ppid;
const isServer = process.argv[1]?.endsWith('server-main.js');
if (isServer) setInterval(() => process.ppid === parent || process.exit(86), 1000).unref();

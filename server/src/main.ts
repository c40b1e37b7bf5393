/**
 * The server: a process in Node, and in a browser a worker. Both are one file, most of which they share; what only one of them can load is loaded
 * where it runs.
 */
declare const process: { readonly versions?: { readonly node?: string } } | undefined;

if (typeof process === 'object' && process.versions?.node) void import('./main.node');
else void import('./main.browser');

export {};

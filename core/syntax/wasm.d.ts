declare module '*.wasm' {
  /** Compressed with gzip by the build. */
  const bytes: Uint8Array;
  export default bytes;
}

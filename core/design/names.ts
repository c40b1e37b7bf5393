/** Names in code examples, made from that of the application. */

/** `my_app` and `MyApp`. */
export interface CodeNames {
  readonly app: string;
  readonly module: string;
}

/** The names for an application; `my_app` where it is unknown. */
export function codeNames(app: string | undefined): CodeNames {
  const name = app ?? 'my_app';
  const words = name.split('_').filter((word) => word !== '');
  return { app: name, module: words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('') };
}

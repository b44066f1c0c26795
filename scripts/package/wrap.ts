/** A CommonJS program as V8 gets it, in ASCII: a function of what a module is given. */
export const wrap = (text: string): string =>
  `(function (exports, require, module, __filename, __dirname) {${text.replace(/^#!.*/, '')}\n})`;

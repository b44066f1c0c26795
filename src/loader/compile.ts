import { stripTypeScriptTypes } from 'node:module';
import loadSucrase from './load-sucrase.cjs';

// Node strips types; these need code to be written, which stripping cannot do.
const BEYOND_STRIPPING = [
  /\b(?:enum|namespace|module)\s+[\w$.]+\s*\{/,
  /\bconstructor\s*\([\s\S]*?\b(?:public|private|protected|readonly|override)\s/,
  /^\s*(?:import\s+\w+\s*=|export\s*=)/m,
];

// sucrase leaves namespaces out, with all that is in them. Node can write them, but moves the lines.
const NAMESPACE = /^\s*(?:export\s+)?(?:namespace|module)\s+[\w$.]+\s*\{/m;

/** A cheap look, which may say yes too often and never no too often: `enum`, `namespace`, parameter properties, `import =`, JSX. */
export const needsCompiling = (file: string, source: string): boolean =>
  file.endsWith('x') || BEYOND_STRIPPING.some((pattern) => pattern.test(source));

/**
 * JavaScript of a TypeScript file that type stripping refuses.
 * @throws SyntaxError with the place at the head of its stack, as Node writes it
 */
export function compileTypeScript(
  file: string,
  source: string,
  format: string | null | undefined,
): { format: 'module' | 'commonjs'; source: string } {
  return { format: isModule(file, source, format) ? 'module' : 'commonjs', source: transform(file, source) };
}

function transform(file: string, source: string): string {
  if (NAMESPACE.test(source)) return stripTypeScriptTypes(source, { mode: 'transform', sourceUrl: file });
  try {
    return loadSucrase().transform(source, {
      transforms: file.endsWith('x') ? ['typescript', 'jsx'] : ['typescript'],
      jsxRuntime: 'automatic',
      production: true,
      disableESTransforms: true,
      keepUnusedImports: false,
    }).code;
  } catch (error) {
    const [, reason, line] = /^(?:Error transforming .*?: )?(.*) \((\d+):\d+\)$/s.exec((error as Error).message) ?? [];
    if (reason === undefined) throw error;
    const broken = new SyntaxError(reason);
    broken.stack = `${file}:${line}\n\n${broken.stack}`;
    throw broken;
  }
}

function isModule(file: string, source: string, format: string | null | undefined): boolean {
  if (/\.mtsx?$/.test(file) || format === 'module-typescript') return true;
  if (/\.ctsx?$/.test(file) || format === 'commonjs-typescript') return false;
  return /(?:^|[;}\s])(?:import(?!\s+\w+\s*=)|export(?!\s*=))[\s{*]/.test(source);
}

import loadSucrase from './load-sucrase.cjs';

// Node strips types; these need code to be written, which stripping cannot do.
const BEYOND_STRIPPING = [
  /\b(?:enum|namespace|module)\s+[\w$.]+\s*\{/,
  /constructor\s*\([^)]*\b(?:public|private|protected|readonly)\b/,
  /^\s*(?:import\s+\w+\s*=|export\s*=)/m,
];

/** A cheap look, which may say yes too often and never no too often: `enum`, `namespace`, parameter properties, `import =`, JSX. */
export const needsCompiling = (file: string, source: string): boolean =>
  file.endsWith('x') || BEYOND_STRIPPING.some((pattern) => pattern.test(source));

/** JavaScript of a TypeScript file that type stripping refuses. */
export function compileTypeScript(
  file: string,
  source: string,
  format: string | null | undefined,
): { format: 'module' | 'commonjs'; source: string } {
  const { code } = loadSucrase().transform(source, {
    transforms: file.endsWith('x') ? ['typescript', 'jsx'] : ['typescript'],
    jsxRuntime: 'automatic',
    production: true,
    filePath: file,
    disableESTransforms: true,
    keepUnusedImports: false,
  });
  return { format: isModule(file, source, format) ? 'module' : 'commonjs', source: code };
}

function isModule(file: string, source: string, format: string | null | undefined): boolean {
  if (/\.mtsx?$/.test(file) || format === 'module-typescript') return true;
  if (/\.ctsx?$/.test(file) || format === 'commonjs-typescript') return false;
  return /(?:^|[;}\s])(?:import|export)[\s{*]/.test(source);
}

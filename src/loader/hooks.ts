import fs from 'node:fs';
import { registerHooks, type LoadHookSync, type ResolveHookSync } from 'node:module';
import { fileURLToPath } from 'node:url';
import * as api from '../index.ts';
import { compileTypeScript, needsCompiling } from './compile.ts';

const API = Symbol.for('jobqueue.api');

/** Modules that exist only in memory. */
const VIRTUAL: Record<string, { format: 'commonjs' | 'module'; source: string }> = {
  'jobqueue:importer': { format: 'commonjs', source: 'module.exports = (url) => import(url);' },
  'jobqueue:cjs': { format: 'commonjs', source: "module.exports = globalThis[Symbol.for('jobqueue.api')];" },
  'jobqueue:esm': {
    format: 'module',
    source: [
      "const api = globalThis[Symbol.for('jobqueue.api')];",
      ...Object.keys(api).map((name) => `export const ${name} = api.${name};`),
    ].join('\n'),
  },
};

const isDependency = (url: string): boolean => url.includes('/node_modules/');
let installed = false;

/** Teaches Node's module loader the name `jobqueue` and the TypeScript that type stripping cannot take. Safe to call twice. */
export function installHooks(): void {
  if (installed) return;
  installed = true;
  Object.defineProperty(globalThis, API, { value: api, enumerable: false, configurable: true });
  registerHooks({ resolve, load });
  silenceWarnings();
}

/** A handler in a folder without `"type": "module"`, or with a namespace, is fine: its owner need not hear how it is loaded. */
function silenceWarnings(): void {
  const emit = process.emitWarning.bind(process) as (...parts: unknown[]) => void;
  process.emitWarning = (...parts: unknown[]) => {
    const code = parts.map((part) => (typeof part === 'object' ? (part as { code?: string } | null)?.code : part));
    const isAboutStripping = String(parts[0]).startsWith('stripTypeScriptTypes is an experimental feature');
    if (!code.includes('MODULE_TYPELESS_PACKAGE_JSON') && !isAboutStripping) emit(...parts);
  };
}

const resolve: ResolveHookSync = (specifier, context, next) => {
  if (specifier === 'jobqueue') {
    const required = context.conditions.includes('require') && !context.conditions.includes('import');
    return virtual(required ? 'jobqueue:cjs' : 'jobqueue:esm');
  }
  if (specifier in VIRTUAL) return virtual(specifier);
  try {
    return next(specifier, context);
  } catch (error) {
    // `./mailer` and `./mailer.js` that mean `./mailer.ts`, as bundlers and tsc allow.
    const retriable = /^\.\.?\//.test(specifier) && !isDependency(context.parentURL ?? '') && isNotFound(error);
    if (!retriable) throw error;
    for (const candidate of candidatesFor(specifier)) {
      try {
        return next(candidate, context);
      } catch (nextError) {
        if (!isNotFound(nextError)) throw nextError;
      }
    }
    throw error;
  }
};

const load: LoadHookSync = (url, context, next) => {
  const module = VIRTUAL[url];
  if (module) return { ...module, shortCircuit: true };
  const plainUrl = url.replace(/[?#].*$/, '');
  if (!plainUrl.startsWith('file:') || !/\.[mc]?tsx?$/.test(plainUrl) || isDependency(plainUrl))
    return next(url, context);
  const file = fileURLToPath(plainUrl);
  const source = fs.readFileSync(file, 'utf8');
  if (!needsCompiling(file, source)) return next(url, context);
  return { ...compileTypeScript(file, source, context.format), shortCircuit: true };
};

const virtual = (url: string): { url: string; format: string; shortCircuit: true } => ({
  url,
  format: VIRTUAL[url]!.format,
  shortCircuit: true,
});

function isNotFound(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? '';
  return ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_UNSUPPORTED_DIR_IMPORT'].includes(code);
}

function candidatesFor(specifier: string): string[] {
  const compiled = /\.([mc]?)js$/.exec(specifier);
  if (compiled) return [`${specifier.slice(0, compiled.index)}.${compiled[1]}ts`];
  return ['.ts', '.js', '.mts', '.cts', '/index.ts', '/index.js'].map((ending) => specifier + ending);
}

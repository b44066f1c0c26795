import path from 'node:path';
import { JobQueueError, messageOf } from '../errors.ts';
import type { MaybeLate } from '../lib/maybe-late.ts';
import { didYouMean } from '../lib/nearest.ts';
import { loadModule } from '../loader/load-module.ts';
import { renderPlace } from '../loader/render-place.ts';
import { assertHandler } from './assert-handler.ts';
import type { Handler, Run } from './define-handler.ts';
import type { Surroundings } from './executable/environment.ts';
import { warningOfExposed } from './exposed.ts';
import { findHandlers, type HandlerFile } from './find-handlers.ts';

/** A handler that was loaded, and from where. */
export interface LoadedHandler extends Handler {
  readonly type: string;
  readonly file: string;
}

export interface LoadedCatalog {
  handlers: Map<string, LoadedHandler>;
  /** One error for each file that could not be loaded: HANDLER_BROKEN. */
  broken: JobQueueError[];
  /** See {@link warningOfExposed}. */
  warning: string | undefined;
}

/**
 * The handlers of a project. Files are listed once, and imported when somebody asks for their type; from then on they are
 * there at once.
 */
export interface HandlerCatalog {
  readonly folder: string;
  /** Every type that has a file, in order. */
  types(): Promise<string[]>;
  /** The handler of a type, or `undefined` when no file serves it. @throws JobQueueError HANDLER_BROKEN */
  find(type: string): MaybeLate<LoadedHandler | undefined>;
  /** @throws JobQueueError UNKNOWN_TYPE with the nearest name, HANDLER_BROKEN */
  get(type: string): MaybeLate<LoadedHandler>;
  /** All of them; a broken file does not hinder the others. */
  loadAll(): Promise<LoadedCatalog>;
}

/** @param surroundings of the executables among them */
export function createHandlerCatalog(folder: string, surroundings: Surroundings): HandlerCatalog {
  let listing: Promise<Map<string, HandlerFile>> | undefined;
  const loading = new Map<string, Promise<LoadedHandler>>();
  const loaded = new Map<string, LoadedHandler>();
  const files = () => (listing ??= findHandlers(folder));

  async function load(type: string): Promise<LoadedHandler | undefined> {
    const found = (await files()).get(type);
    if (found === undefined) return undefined;
    if (!loading.has(type)) loading.set(type, loadHandler(type, found, surroundings));
    const handler = await loading.get(type)!;
    loaded.set(type, handler);
    return handler;
  }
  const find = (type: string): MaybeLate<LoadedHandler | undefined> => loaded.get(type) ?? load(type);

  return {
    folder,
    find,
    types: async () => [...(await files()).keys()],
    get: (type) =>
      loaded.get(type) ??
      load(type).then(async (handler) => handler ?? raiseUnknownType(type, [...(await files()).keys()], folder)),
    async loadAll() {
      const sources = [...(await files()).values()].map(({ file }) => file);
      const warning = await warningOfExposed(folder, sources);
      const catalog: LoadedCatalog = { handlers: new Map(), broken: [], warning };
      for (const type of (await files()).keys()) {
        try {
          catalog.handlers.set(type, (await find(type))!);
        } catch (error) {
          catalog.broken.push(error as JobQueueError);
        }
      }
      return catalog;
    },
  };
}

async function loadHandler(
  type: string,
  { file, kind, rivals }: HandlerFile,
  surroundings: Surroundings,
): Promise<LoadedHandler> {
  const name = path.relative(process.cwd(), file);
  if (rivals.length > 0) {
    const names = [file, ...rivals].map((each) => path.relative(process.cwd(), each));
    throw new JobQueueError('HANDLER_BROKEN', `Several files claim the type "${type}": ${names.join(', ')}`, {
      hint: 'Rename all but one, or take away their run bit: chmod -x FILE',
    });
  }
  if (kind === 'executable') return { type, file, run: runnerOf(file, surroundings) };
  try {
    return { ...assertHandler((await loadModule(file)).default, name), type, file };
  } catch (error) {
    if (error instanceof JobQueueError) throw error;
    const reason = messageOf(error).split('\n')[0]!;
    throw new JobQueueError('HANDLER_BROKEN', `Cannot load the handler ${name}: ${renderPlace(error, file)}${reason}`, {
      hint: reason.includes('not provide an export') ? 'If that is a type: import type { … } from …' : undefined,
      cause: error,
    });
  }
}

/** Nothing of it is loaded by who only enqueues. */
const runnerOf =
  (file: string, surroundings: Surroundings): Run<unknown> =>
  async (payload, context) => {
    const { runExecutable } = await import('./executable/run-executable.ts');
    return runExecutable(file, surroundings, payload, context);
  };

function raiseUnknownType(type: string, known: string[], folder: string): never {
  const place = path.relative(process.cwd(), folder) || '.';
  throw new JobQueueError('UNKNOWN_TYPE', `No handler has the type "${type}" (looked in ${place})`, {
    hint:
      didYouMean(type, known) ??
      (known.length > 0
        ? `Types: ${known.join(', ')}`
        : `Make one: ${path.join(place, `${type}.ts`)}, or run: jq init`),
  });
}

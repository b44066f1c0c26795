import path from 'node:path';
import type { Broker } from '../broker/broker.ts';
import { type BrokerOptions, openBroker } from '../broker/open-broker.ts';
import { type Config, type ConfigSources, loadConfig } from '../config/load-config.ts';
import { createHandlerCatalog, type HandlerCatalog } from '../handlers/catalog.ts';
import { pickEnvironment } from '../handlers/executable/environment.ts';
import { type Caller, localUser } from './caller.ts';

/** A project in use: what it is configured to be, its handlers, its Redis, and who uses it. Everything in this part works on one. */
export interface Project {
  readonly folder: string;
  readonly config: Config;
  readonly handlers: HandlerCatalog;
  readonly broker: Broker;
  readonly caller: Caller;
  close(): Promise<void>;
}

export type ProjectOptions = ConfigSources & BrokerOptions;

/** @throws JobQueueError INVALID_CONFIG, NO_REDIS, REDIS_UNREACHABLE, REDIS_REFUSED */
export async function openProject(options: ProjectOptions): Promise<Project> {
  return openProjectOf(await loadConfig(options), options);
}

/** The same for a configuration that is loaded already. */
export async function openProjectOf(config: Config, options: BrokerOptions): Promise<Project> {
  const broker = await openBroker(config, options);
  return {
    folder: config.folder,
    config,
    handlers: createHandlerCatalog(path.resolve(config.folder, config.values.handlers), {
      folder: config.folder,
      env: pickEnvironment(config.env, config.values.work.passEnv),
    }),
    broker,
    caller: {
      // Few commands need to know, and some systems ask a directory for it.
      get who() {
        return localUser();
      },
      onAudit: (_entry, failure) =>
        failure && options.onNotice?.(`warning: this could not be written down in the audit: ${failure.message}`),
    },
    close: () => broker.close(),
  };
}

import path from 'node:path';
import type { Config } from '../../src/config/load-config.ts';
import { JobQueueError, messageOf } from '../../src/errors.ts';
import { cleanLine, pad } from '../../src/lib/text.ts';
import type { Context } from '../framework/context.ts';
import type { Command } from '../framework/define-command.ts';
import { exitCodeOf } from '../framework/interrupts.ts';
import { renderLogLine } from '../framework/render-log-line.ts';
import type { Style } from '../framework/terminal.ts';
import { serve } from '../serve.ts';
import { work } from '../work/work.ts';
import { ownCommand } from '../framework/own-command.ts';
import { createPart, type Part } from './part.ts';
import { type ProjectWatch, watchProject } from './watch-project.ts';

const STYLES: Record<string, Style> = { dev: 'dim', serve: 'magenta', work: 'cyan' };

/** Runs the server and the worker as programs of their own, until they are asked to stop. @returns the exit code */
export async function runDev(context: Context): Promise<number> {
  // Opened here too, so that what is wrong is said once, and the local Redis stays while the others are replaced.
  const { config } = await context.project();
  const parts = [createCommandPart(context, serve, false), createCommandPart(context, work, true)];
  for (const part of parts) part.start();
  const reloading = reloadOnChange(context, config, parts);
  let exitCode = 0;
  const { promise: stopped, resolve, reject } = Promise.withResolvers<number>();
  context.interrupts.onEach((times) => {
    if (times === 1) say(context, 'dev', 'stopping; again to stop now');
    reloading.close();
    if (times > 1) exitCode = exitCodeOf(context.signal);
    Promise.all(parts.map((part) => part.stop())).then(() => resolve(exitCode), reject);
  });
  return stopped;
}

function createCommandPart(context: Context, command: Command, overlaps: boolean): Part {
  return createPart({
    command: ownCommand(context, command),
    overlaps,
    onLine: (line) => say(context, command.name, renderLogLine(line, context.paintNote)),
    onNotice: (notice) => say(context, 'dev', `${command.name} ${notice}`),
  });
}

function say(context: Context, part: string, text: string): void {
  context.stderr.write(`${context.paintNote(STYLES[part] ?? 'reset', pad(part, 5))} | ${text}\n`);
}

/** Restarts the parts on every change after which the configuration is sound. */
function reloadOnChange(context: Context, config: Config, parts: readonly Part[]): ProjectWatch {
  let watch = watchConfig(config);
  let last: Promise<void> = Promise.resolve();
  let closed = false;

  function watchConfig({ folder, file, values }: Config): ProjectWatch {
    const handlers = path.resolve(folder, values.handlers);
    return watchProject({ folder, handlers, config: file }, (changed) => (last = last.then(() => reload(changed))));
  }
  async function reload(changed: string): Promise<void> {
    if (closed) return;
    const name = cleanLine(path.relative(context.cwd, changed));
    try {
      const next = await context.loadConfig();
      watch.close();
      watch = watchConfig(next);
    } catch (error) {
      const reason = [messageOf(error), error instanceof JobQueueError ? error.hint : undefined]
        .filter(Boolean)
        .join('. ');
      return say(context, 'dev', `${name} changed, but the old configuration stays in use: ${cleanLine(reason)}`);
    }
    say(context, 'dev', `${name} changed, starting anew`);
    await Promise.all(parts.map((part) => part.restart()));
  }
  return {
    close() {
      closed = true;
      watch.close();
    },
  };
}

import fs from 'node:fs';
import path from 'node:path';

/** Editors write in several steps. */
const QUIET_MS = 100;
const IGNORED = /(^|[\\/])(node_modules|__pycache__|\.[^\\/]*)([\\/]|$)|~$/;

export interface ProjectWatch {
  close(): void;
}

/**
 * Calls `onChange`, once for several changes at a time, with the path of a file that was changed: below the handlers'
 * folder, or a configuration file of the project. The handlers' folder may come and go.
 */
export function watchProject(
  { folder, handlers, config }: { folder: string; handlers: string; config: string | undefined },
  onChange: (file: string) => void,
): ProjectWatch {
  let timer: NodeJS.Timeout | undefined;
  const changed = (file: string) => {
    clearTimeout(timer);
    timer = setTimeout(() => onChange(file), QUIET_MS);
  };
  const watchers = [
    watchFolder(folder, false, (name) => isConfig(path.join(folder, name), config) && changed(path.join(folder, name))),
  ];
  let inHandlers = watchHandlers();
  if (path.dirname(handlers) !== handlers && fs.existsSync(path.dirname(handlers))) {
    watchers.push(
      watchFolder(path.dirname(handlers), false, (name) => {
        if (name !== path.basename(handlers)) return;
        inHandlers?.close();
        inHandlers = watchHandlers();
        changed(handlers);
      }),
    );
  }
  function watchHandlers(): fs.FSWatcher | undefined {
    if (!fs.existsSync(handlers)) return undefined;
    return watchFolder(handlers, true, (name) => !IGNORED.test(name) && changed(path.join(handlers, name)));
  }
  return {
    close() {
      clearTimeout(timer);
      inHandlers?.close();
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** The file in use, or one that would be from now on. */
const isConfig = (file: string, config: string | undefined): boolean =>
  file === config || /^jobqueue\.config\.\w+$/.test(path.basename(file));

function watchFolder(folder: string, recursive: boolean, onName: (name: string) => unknown): fs.FSWatcher {
  const watcher = fs.watch(folder, { recursive }, (_event, name) => name !== null && onName(name));
  // A folder that is deleted while it is watched; the watch of its parent tells.
  watcher.on('error', () => {});
  return watcher;
}

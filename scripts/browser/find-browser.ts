import fs from 'node:fs';
import path from 'node:path';

/** A headless browser that can be run. */
export interface Browser {
  program: string;
  env: Record<string, string>;
}

export const BROWSER_FOLDER = path.resolve(import.meta.dirname, '../../vendor/chromium');
const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];

/** Finds a browser: `$JQ_TEST_BROWSER`, the checkout's own copy, one on the PATH. */
export function findBrowser({ JQ_TEST_BROWSER: named, PATH = '' }: NodeJS.ProcessEnv): Browser | undefined {
  if (named) return { program: named, env: {} };
  const program = path.join(BROWSER_FOLDER, 'chromium', 'chromium-headless-shell');
  if (fs.existsSync(program)) {
    const env = {
      LD_LIBRARY_PATH: path.join(BROWSER_FOLDER, 'lib'),
      FONTCONFIG_FILE: path.join(BROWSER_FOLDER, 'fonts.conf'),
    };
    return { program, env };
  }
  const files = NAMES.flatMap((name) => PATH.split(path.delimiter).map((folder) => path.join(folder, name)));
  const file = files.find((each) => fs.existsSync(each));
  return file === undefined ? undefined : { program: file, env: {} };
}

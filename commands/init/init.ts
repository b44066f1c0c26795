import fs from 'node:fs';
import path from 'node:path';
import { JobQueueError } from '../../src/errors.ts';
import type { Context } from '../framework/context.ts';
import { defineCommand } from '../framework/define-command.ts';
import { printRows } from '../framework/print-rows.ts';

const IGNORED = '.jobqueue/';

interface Step {
  file: string;
  did: 'wrote' | 'kept' | 'added to';
}

export const init = defineCommand({
  name: 'init',
  group: 'Set up',
  summary: 'make this folder a project: configuration, a first handler, types',
  description: 'Nothing that exists is overwritten.',
  arguments: {},
  options: [],
  flags: {},
  examples: [{ run: 'jq init', says: 'in the current folder' }],
  async run(context) {
    const { PROJECT_FILES } = await import('./templates.ts');
    const { CONFIG_FILES } = await import('../../src/config/find-file.ts');
    const steps = Object.entries(PROJECT_FILES).map(([file, text]): Step => {
      // Of two configurations only one counts: another kind of file is as good as ours.
      const other =
        file === 'jobqueue.config.ts' ? CONFIG_FILES.find((each) => isConfig(path.join(context.cwd, each))) : undefined;
      return other === undefined ? writeNew(context.cwd, file, text) : { file: other, did: 'kept' };
    });
    steps.push(ignore(context.cwd));
    printRows(context, {
      columns: [
        { title: 'DID', value: (step) => step.did },
        { title: 'FILE', value: (step) => step.file },
      ],
      rows: steps,
      json: steps,
      id: (step) => step.file,
      empty: '',
    });
    sayNext(context);
  },
});

function isConfig(file: string): boolean {
  if (!fs.existsSync(file)) return false;
  return path.basename(file) !== 'package.json' || /"jobqueue"\s*:\s*\{/.test(fs.readFileSync(file, 'utf8'));
}

function writeNew(folder: string, file: string, text: string): Step {
  try {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), text, { flag: 'wx' });
    return { file, did: 'wrote' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return { file, did: 'kept' };
    throw new JobQueueError('FAILED', `Cannot write ${file} in ${folder} (${code})`, { cause: error });
  }
}

/** The local Redis keeps its data in the project, but not in its history. */
function ignore(folder: string): Step {
  const file = path.join(folder, '.gitignore');
  const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  if (text.split(/\r?\n/).some((line) => /^\/?\.jobqueue\/?$/.test(line.trim())))
    return { file: '.gitignore', did: 'kept' };
  if (text === '') return writeNew(folder, '.gitignore', `${IGNORED}\n`);
  fs.appendFileSync(file, `${text.endsWith('\n') ? '' : '\n'}${IGNORED}\n`);
  return { file: '.gitignore', did: 'added to' };
}

function sayNext(context: Context): void {
  context.note(`
Next, in two terminals:
  jq dev
  jq enqueue hello --payload '{"name":"Ana"}' --wait`);
}

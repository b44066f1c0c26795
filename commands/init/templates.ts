import { DECLARATIONS } from './declarations.ts';

const CONFIG = `/// <reference path="./jobqueue.d.ts" />
import { defineConfig } from 'jobqueue';

// Every option: jq help config. What is in force, and why: jq config show.
export default defineConfig({
  handlers: './handlers',
  queues: {
    default: { concurrency: 5 },
  },
  defaults: {
    attempts: 5,
    backoff: { type: 'exponential', delay: '2s' },
    timeout: '5m',
  },
});
`;

const HELLO = `/// <reference path="../jobqueue.d.ts" />
import { defineHandler } from 'jobqueue';

// This file's name is the type of the job: jq enqueue hello --payload '{"name":"Ana"}' --wait
export default defineHandler({
  description: 'Says hello',
  async run({ name = 'world' }: { name?: string }, { log }) {
    const greeting = \`Hello, \${name}!\`;
    log.info(greeting);
    return { greeting };
  },
});
`;

/** The files of a new project, by their path in its folder. */
export const PROJECT_FILES: Readonly<Record<string, string>> = {
  'jobqueue.config.ts': CONFIG,
  'handlers/hello.ts': HELLO,
  'jobqueue.d.ts': DECLARATIONS,
};

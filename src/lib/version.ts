import { createRequire } from 'node:module';

interface Versions {
  jobqueue: string;
  bullmq: string;
}

// scripts/build.ts puts the versions in; run from the sources there is no such constant.
declare const JOBQUEUE_VERSIONS: Versions | undefined;

/** The versions of this program and of its engine. */
export function versions(): Versions {
  return typeof JOBQUEUE_VERSIONS === 'undefined' ? versionsFromSources() : JOBQUEUE_VERSIONS;
}

function versionsFromSources(): Versions {
  const { version, dependencies } = createRequire(import.meta.url)('../../package.json') as {
    version: string;
    dependencies: { bullmq: string };
  };
  return { jobqueue: version, bullmq: dependencies.bullmq };
}

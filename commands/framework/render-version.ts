import { versions } from '../../src/lib/version.ts';
import type { GlobalFlags } from './global-flags.ts';

/** What `jq --version` prints. */
export function renderVersion({ json, output }: Partial<GlobalFlags>): string {
  const { jobqueue, bullmq } = versions();
  const node = process.versions.node;
  const platform = `${process.platform}-${process.arch}`;
  if (json || output?.startsWith('json')) return `${JSON.stringify({ version: jobqueue, node, platform, bullmq })}\n`;
  return `jq ${jobqueue} (job queue) node ${node} ${platform}, bullmq ${bullmq}\n`;
}

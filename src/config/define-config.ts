import type { ConfigInput } from '../options.ts';

/** Types the configuration in `jobqueue.config.ts`; it returns what it is given. */
export const defineConfig = (config: ConfigInput): ConfigInput => config;

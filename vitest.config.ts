import { defineConfig } from 'vitest/config';

// Nothing is waited for longer than it takes; on a machine that others share that may be long.
const PATIENCE = { expect: { poll: { timeout: 20_000 } }, testTimeout: 120_000, hookTimeout: 60_000 };

// `*.test.ts` needs nothing but Node and runs in seconds; `*.e2e.ts` runs the built program on a real Redis.
export default defineConfig({
  test: {
    // Most tests wait for programs, Redis and clocks, not for the processor.
    maxWorkers: 4,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          setupFiles: ['test/helpers/property-seed.ts'],
          ...PATIENCE,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e.{ts,tsx}'],
          globalSetup: ['test/helpers/global-setup.ts'],
          setupFiles: ['test/helpers/property-seed.ts'],
          ...PATIENCE,
        },
      },
    ],
  },
});

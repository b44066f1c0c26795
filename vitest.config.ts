import { defineConfig } from 'vitest/config';

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
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e.{ts,tsx}'],
          globalSetup: ['test/helpers/global-setup.ts'],
          setupFiles: ['test/helpers/property-seed.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
    ],
  },
});

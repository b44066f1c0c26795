import { defineConfig } from 'vitest/config';

// `*.test.ts` needs nothing but Node and runs in seconds; `*.e2e.ts` runs the built program on a real Redis.
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/**/*.test.{ts,tsx}'] } },
      {
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e.{ts,tsx}'],
          globalSetup: ['test/helpers/global-setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
    ],
  },
});

import { expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { versions } from '../../src/lib/version.ts';

it('names the versions in package.json', () => {
  expect(versions()).toEqual({ jobqueue: packageJson.version, bullmq: packageJson.dependencies.bullmq });
});

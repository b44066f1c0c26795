import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES } from '../../src/server/routes.ts';
import { type ApiDescription, readDescription } from '../helpers/api-description.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let redis: TestRedis;
let server: TestServer;
let api: ApiDescription;
let document: { openapi: string; info: { version: string }; components: { securitySchemes: object; schemas: object } };

beforeAll(async () => {
  redis = await startRedis();
  server = await startTestServer(redis.url);
  const response = await fetch(`${server.url}/openapi.json`);
  const text = await response.text();
  document = JSON.parse(text) as typeof document;
  api = readDescription(text);
});

afterAll(async () => {
  await server.stop();
  await redis.stop();
});

describe('GET /openapi.json', () => {
  it('describes every route of the table and no other', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info.version).toMatch(/^\d+\.\d+\.\d+/);
    const described = api.operations.map(({ method, path }) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`);
    expect(described.toSorted()).toEqual(ROUTES.map(({ method, url }) => `${method} ${url}`).toSorted());
  });

  it('gives every operation a name of its own, a summary, a tag, and says whether it needs a key', () => {
    const names = api.operations.map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(names.map(() => expect.stringMatching(/^[a-z][A-Za-z]+$/) as string));
    for (const { summary, tags, operationId, security } of api.operations) {
      expect(summary.length, operationId).toBeGreaterThan(5);
      expect(tags, operationId).toHaveLength(1);
      const { scope } = ROUTES.find((route) => route.operation === operationId)!;
      expect(security, operationId).toEqual(scope === 'public' ? [] : [{ key: [] }]);
    }
    expect(document.components.securitySchemes).toMatchObject({ key: { type: 'http', scheme: 'bearer' } });
  });

  it('has an example for every body, which fits, and every answer, which fits', () => {
    for (const operation of api.operations) {
      const { operationId, requestBody, responses } = operation;
      expect(requestBody?.content['application/json']!.example !== undefined, operationId).toBe(
        requestBody !== undefined,
      );
      expect(api.faultOfExample(operation), operationId).toBeUndefined();
      for (const [status, { description, content = {} }] of Object.entries(responses)) {
        expect(description.length, operationId).toBeGreaterThan(3);
        for (const [contentType, { example }] of Object.entries(content)) {
          if (operationId === 'getDescription' && status === '200') continue;
          expect(example, `${operationId} ${status}`).toBeDefined();
          const answer = { status: Number(status), contentType, text: JSON.stringify(example) };
          expect(api.faultOf(operation, answer), operationId).toBeUndefined();
        }
      }
    }
  });

  it('has the examples of new jobs taken as they stand', async () => {
    for (const { method, path, requestBody, operationId } of api.operations.filter(({ tags }) => tags[0] === 'jobs')) {
      if (method !== 'POST' || !requestBody) continue;
      const text = JSON.stringify(requestBody.content['application/json']!.example);
      // These handlers are there.
      const body = text.replaceAll(/send-email|resize-image/g, 'anything');
      expect((await server.call(method, path, body)).status, operationId).toBe(201);
    }
  });
});

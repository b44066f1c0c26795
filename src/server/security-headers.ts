import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import type { ConfigValues } from '../options.ts';

const EVERYWHERE = {
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

// Constants: @fastify/helmet, which makes much the same headers anew for each answer, takes as long as a third of a request.
/** What a browser may do with an answer that is data: nothing but show it. */
export const DATA_HEADERS: Readonly<Record<string, string>> = {
  ...EVERYWHERE,
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

/** On a page, what it brings along itself may run and be shown, and nothing from elsewhere. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  ...EVERYWHERE,
  'cross-origin-opener-policy': 'same-origin',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
};

/** Lets pages of other origins use the API; without any, no answer says a word of it, and browsers keep them out. */
export async function allowOrigins(app: FastifyInstance, { cors: { origins } }: ConfigValues['server']): Promise<void> {
  if (origins === undefined) return;
  await app.register(cors, {
    origin: [...origins],
    methods: ['GET', 'POST', 'PATCH', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'x-api-key', 'x-request-id'],
    exposedHeaders: [
      'location',
      'ratelimit-limit',
      'ratelimit-remaining',
      'ratelimit-reset',
      'retry-after',
      'x-request-id',
    ],
    maxAge: 600,
    strictPreflight: false,
  });
}

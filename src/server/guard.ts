import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { JobQueueError } from '../errors.ts';
import type { Caller } from '../jobs/caller.ts';
import { abilitiesOf, type Ability } from '../jobs/scopes.ts';
import { andThen, type MaybeLate } from '../lib/maybe-late.ts';
import { readCredentials } from './credentials.ts';
import { createFailedLogins } from './failed-logins.ts';
import { HttpError } from './http-error.ts';
import { findKey, type KeyRing, type KnownKey, type KnownKeys } from './key-ring.ts';
import { isExposed } from './loopback.ts';
import { assertOrigin } from './origin.ts';
import type { RequestLimit } from './rate-limit.ts';
import type { Access, ServerContext } from './route.ts';
import { assertRoom } from './shed.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent it; `null` before that is known. */
    caller: Caller | null;
    /** What the caller may do; for a page that offers some things to some callers. */
    abilities: ReadonlySet<Ability> | null;
  }
  interface FastifyContextConfig extends Partial<Access> {
    /** Something that people look at in a browser. */
    isPage?: true;
  }
}

export interface GuardOptions {
  context: ServerContext;
  ring: KeyRing;
  /** Without one there is no limit. */
  limit: RequestLimit | undefined;
}

/**
 * Lets a request in or refuses it, before its body is read: the one place that decides who may do what. A route that
 * says nothing of itself is for `admin` keys.
 *
 * As long as there has been no key, and only programs on this machine can call, all of them may do everything. After the
 * first key this server never goes back to that: keys may also vanish because Redis lost its data.
 */
export function guardRequests(app: FastifyInstance, { context, ring, limit }: GuardOptions): void {
  const { server } = context.project.config.values;
  const { clock } = context.project.broker;
  const failedLogins = createFailedLogins();
  let needsKeys = isExposed(server);

  function identify(request: FastifyRequest, reply: FastifyReply, known: KnownKeys): MaybeLate<KnownKey | undefined> {
    needsKeys ||= known.size > 0;
    if (!needsKeys) return undefined;
    const credentials = readCredentials(request.headers);
    if (credentials === undefined) return refuse(request, reply, 'Expected an API key, got none');
    return findKey(known, credentials, clock.now()) ?? findNew(request, reply, credentials);
  }

  /** A key that was made this very second; wrong ones are counted before they make anybody ask Redis again. */
  async function findNew(request: FastifyRequest, reply: FastifyReply, credentials: string): Promise<KnownKey> {
    const { ip = '' } = request;
    const seconds = failedLogins.secondsToWait(ip);
    if (seconds > 0) throw new HttpError('TOO_MANY_FAILURES', { retryAfterSeconds: seconds });
    const key = findKey(await ring.refresh(), credentials, clock.now());
    if (key) return key;
    failedLogins.count(ip);
    return refuse(request, reply, 'The API key is not valid');
  }

  function admit(
    request: FastifyRequest,
    reply: FastifyReply,
    { key, scope = 'admin', perQueue }: Partial<Access> & { key: KnownKey | undefined },
  ): MaybeLate<unknown> {
    request.caller = callerOf(context.log, request, key);
    request.abilities = key?.abilities ?? ALL;
    if (key) ring.noteUse(key);
    // What does not exist needs a key too, but no more than that.
    if (key && !request.is404) assertMay(key, { scope, ...(perQueue && { perQueue }) });
    const room = scope === 'enqueue' ? assertRoom(context.vitals, server.shedAt) : undefined;
    return limit ? andThen(room, () => limit(request, reply)) : room;
  }

  app.decorateRequest('caller', null);
  app.decorateRequest('abilities', null);
  app.addHook('onRequest', (request, reply, done) => {
    assertOrigin(request, server.cors.origins);
    const { scope, perQueue } = request.routeOptions.config;
    if (scope === 'public') {
      request.caller = callerOf(context.log, request, undefined);
      return done();
    }
    // Most often all is known that it takes, and nothing is waited for.
    const key = andThen(ring.all(), (known) => identify(request, reply, known));
    const admitted = andThen(key, (known) => admit(request, reply, { key: known, scope, perQueue }));
    if (!(admitted instanceof Promise)) return done();
    admitted.then(() => done(), done);
  });
}

function refuse(request: FastifyRequest, reply: FastifyReply, message: string): never {
  reply.header('www-authenticate', challengeFor(request));
  throw new HttpError('UNAUTHORIZED', { message, hint: 'Send it as Authorization: Bearer KEY' });
}

const ALL = abilitiesOf(['admin']);

/** @throws JobQueueError FORBIDDEN */
function assertMay({ abilities, scopes, queues }: KnownKey, { scope, perQueue }: Access): void {
  if (scope !== 'public' && !abilities.has(scope)) {
    throw new JobQueueError('FORBIDDEN', `Expected a key with the scope ${scope}, got one with ${scopes.join(', ')}`);
  }
  if (queues !== undefined && !perQueue) {
    throw new JobQueueError(
      'FORBIDDEN',
      `Expected a key for all queues, got one that is confined to ${queues.join(', ')}`,
    );
  }
}

const callerOf = (log: Logger, { id, ip }: FastifyRequest, key: KnownKey | undefined): Caller => ({
  who: key ? `key:${key.name}` : 'anyone',
  key: key?.id,
  address: ip,
  requestId: id,
  queues: key?.queues,
  onAudit(entry, failure) {
    if (failure)
      log.error({ requestId: id, audit: entry, reason: failure.message }, 'done, but not written down in the audit');
    else log.info({ requestId: id, audit: entry }, 'done');
  },
});

/**
 * A browser asks people for a key only where it is told `Basic`; a program that reads data must not make it ask. All that a
 * page consists of says the same: a browser takes a key along unasked only to what is below the address it got it for.
 */
const challengeFor = ({ routeOptions }: FastifyRequest): string =>
  routeOptions.config.isPage
    ? 'Basic realm="jobqueue: an API key as the password", charset="UTF-8"'
    : 'Bearer realm="jobqueue"';

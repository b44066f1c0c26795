import type { IncomingHttpHeaders } from 'node:http';

/**
 * The key that a request brings: as `Authorization: Bearer KEY`, as `x-api-key: KEY`, or as the password of
 * `Authorization: Basic`, which is what a browser asks people for. `undefined` when it brings none; what cannot be
 * read is a wrong key.
 */
export function readCredentials({ authorization, 'x-api-key': header }: IncomingHttpHeaders): string | undefined {
  if (authorization === undefined) return typeof header === 'string' ? header : undefined;
  const [, scheme = '', value = ''] = /^(\S+) +(\S+)$/.exec(authorization) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return value;
    case 'basic':
      return passwordOf(Buffer.from(value, 'base64').toString());
    default:
      return '';
  }
}

/** `user:password`; the user may be anything. */
const passwordOf = (pair: string): string => pair.slice(pair.indexOf(':') + 1);

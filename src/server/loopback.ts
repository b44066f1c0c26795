import { BlockList, isIP } from 'node:net';
import { JobQueueError } from '../errors.ts';
import { HttpError } from './http-error.ts';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether a host means this machine, whatever a name server says: a loopback address, or `localhost`. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true;
  const version = isIP(host);
  return version !== 0 && LOOPBACK.check(host, version === 4 ? 'ipv4' : 'ipv6');
}

/** @throws JobQueueError UNSAFE_BIND for an address that other machines reach */
export function assertLoopback(host: string): void {
  if (isLoopback(host)) return;
  throw new JobQueueError(
    'UNSAFE_BIND',
    `Refused to listen on ${host}: listening beyond this machine needs API keys, which this version does not have`,
    { hint: 'Listen on 127.0.0.1, and put a proxy that checks its callers in front of it, on the same machine' },
  );
}

/**
 * Stops DNS rebinding: a page whose name was pointed at 127.0.0.1 makes a browser send that name as `Host`.
 * @throws HttpError WRONG_HOST unless the `Host` header names this machine, with any port
 */
export function assertHostHeader(header: string | undefined): void {
  const name = /^(?:\[(?<address>[^\]]*)\]|(?<name>[^:]*))(?::\d*)?$/.exec(header ?? '')?.groups;
  if (name && isLoopback(name.address ?? name.name ?? '')) return;
  throw new HttpError('WRONG_HOST', 'Expected the Host header to be localhost, 127.0.0.1 or [::1]', {
    hint: 'A proxy must send one of these as Host',
  });
}

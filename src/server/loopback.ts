import { BlockList, isIP } from 'node:net';
import { JobQueueError } from '../errors.ts';
import type { ConfigValues } from '../options.ts';
import { HttpError } from './http-error.ts';

type ServerOptions = ConfigValues['server'];

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether a host means this machine, whatever a name server says: a loopback address, or `localhost`. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true;
  const version = isIP(host);
  return version !== 0 && LOOPBACK.check(host, version === 4 ? 'ipv4' : 'ipv6');
}

/** Whether others than this machine can be callers: directly, or through a proxy that the options speak of. */
export const isExposed = ({
  host,
  allowedHosts,
  trustProxy,
}: Pick<ServerOptions, 'host' | 'allowedHosts' | 'trustProxy'>): boolean =>
  !isLoopback(host) || allowedHosts !== undefined || trustProxy !== undefined;

/** @throws JobQueueError UNSAFE_BIND for a server that others reach and that has no key to tell them apart */
export function assertSafe(server: ServerOptions, hasKeys: boolean): void {
  if (hasKeys || !isExposed(server)) return;
  const why = isLoopback(server.host)
    ? '`server.allowedHosts` or `server.trustProxy` says that a proxy brings callers from elsewhere'
    : 'other machines reach it';
  throw new JobQueueError('UNSAFE_BIND', `Refused to listen on ${server.host} without API keys: ${why}`, {
    hint: 'Make one with jq keys create NAME --scope enqueue,read, or listen on 127.0.0.1 for this machine only',
  });
}

/**
 * Makes a check of the `Host` header, which stops DNS rebinding: a page whose name was pointed at this machine makes a
 * browser send that name. Addresses cannot be pointed elsewhere, so where other machines reach the server all of them pass.
 *
 * @returns a function that throws HttpError WRONG_HOST unless the header, with any port, names this machine
 */
export function createHostCheck({ host, allowedHosts = [] }: Pick<ServerOptions, 'host' | 'allowedHosts'>) {
  const names = allowedHosts.map((name) => name.toLowerCase());
  const isOurs = (name: string): boolean =>
    isLoopback(name) ||
    (!isLoopback(host) && (isIP(name) !== 0 || name === host.toLowerCase())) ||
    names.some((each) => (each.startsWith('.') ? name.endsWith(each) : name === each));
  // Nearly all callers send the same one.
  let passedLast: string | undefined;
  return (header: string | undefined): void => {
    if (header !== undefined && header === passedLast) return;
    const parts = /^(?:\[(?<address>[^\]]*)\]|(?<name>[^:]*))(?::\d*)?$/.exec(header ?? '')?.groups;
    const name = parts?.address ?? parts?.name ?? '';
    const isAddress = parts?.address === undefined || isIP(name) === 6;
    if (name !== '' && isAddress && isOurs(name.toLowerCase())) {
      passedLast = header;
      return;
    }
    throw new HttpError('WRONG_HOST', {
      message: 'Expected the Host header to be localhost, 127.0.0.1 or [::1], or one of `server.allowedHosts`',
      hint: 'A proxy must send one of these as Host',
    });
  };
}

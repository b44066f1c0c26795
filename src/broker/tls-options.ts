import net from 'node:net';
import type { TlsFiles } from './target.ts';

/** What node:tls is told; a server is not told the name that it has when that is an address. */
export const tlsOptions = ({ tls }: { tls?: TlsFiles }, host: string): TlsFiles => ({
  servername: net.isIP(host) ? '' : host,
  ...tls,
});

import { now } from './clock.ts';
import { randomBytes } from './digest.ts';

/** A UUID version 7 (RFC 9562): 48 bits of time, then random, so that ids sort by age. Without dashes: 32 hexadecimal digits. */
export function uuidV7(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now(), 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex');
}

/** When such an id was made, epoch ms; `undefined` for any other text. */
export const timeOfUuidV7 = (id: string): number | undefined =>
  /^[0-9a-f]{12}7[0-9a-f]{19}$/.test(id) ? Number.parseInt(id.slice(0, 12), 16) : undefined;

import { hostname, userInfo } from 'node:os';

/** Who runs this command: `ada@web-1`. */
export function localUser(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A user id without an entry, as in many containers.
    return `${process.getuid?.() ?? 'somebody'}@${hostname()}`;
  }
}

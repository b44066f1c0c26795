import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { monotonicMs } from '../lib/clock.ts';

/** So many looks in the time after which a connection is ended. */
const LOOKS = 10;

/**
 * Ends connections on which nothing has moved for `afterMs`, in either direction: where an answer is not read, it is kept
 * for nobody. Node's own timeout starts anew with everything that moves, which takes up to a twentieth of the time of a request.
 */
export function endSilentConnections(server: Server, afterMs: number): void {
  const connections = new Map<Socket, { moved: number; since: number }>();
  server.on('connection', (socket: Socket) => {
    connections.set(socket, { moved: 0, since: monotonicMs() });
    socket.once('close', () => connections.delete(socket));
  });
  const looks = setInterval(() => {
    const at = monotonicMs();
    for (const [socket, last] of connections) {
      // What waits to be written has not moved, however much there comes to be of it.
      const moved = socket.bytesRead + socket.bytesWritten - socket.writableLength;
      if (moved !== last.moved) connections.set(socket, { moved, since: at });
      else if (at - last.since >= afterMs) socket.destroy();
    }
  }, afterMs / LOOKS);
  server.on('close', () => clearInterval(looks));
  looks.unref();
}

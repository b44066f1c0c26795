import net from 'node:net';

/** How a Redis answers: `loading` while it reads its data from disk, `silent` when it does not answer at all. */
export type Answer = 'ready' | 'loading' | 'silent';

/** Asks the Redis on a unix socket whether it serves. Never rejects; takes at most `timeoutMs`. */
export async function pingRedis(socketPath: string, timeoutMs = 1000): Promise<Answer> {
  const reply = await ask(socketPath, 'PING', timeoutMs);
  if (reply === '') return 'silent';
  // An error such as MISCONF (a full disk) is an answer too: what it means is for the caller's own commands to find out.
  return reply.startsWith('-LOADING') ? 'loading' : 'ready';
}

/** Asks the Redis on a unix socket to write its data to disk and end. Never rejects; it has not ended yet on return. */
export async function shutDownRedis(socketPath: string): Promise<void> {
  await ask(socketPath, 'SHUTDOWN', 1000);
}

/** One command over a connection of its own, without a Redis client, which takes far longer to load than this takes. */
function ask(socketPath: string, command: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve) => {
    let reply = '';
    const socket = net.connect(socketPath, () => socket.write(`${command}\r\n`));
    socket.setTimeout(timeoutMs, () => socket.destroy());
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      reply += chunk;
      if (reply.includes('\n')) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(reply));
  });
}

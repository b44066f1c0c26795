/** What a Node process holds, once everything that nobody needs is thrown away: in bytes. */
export interface Memory {
  heap: number;
  rss: number;
}

/** Asks a process that was started with `--inspect`, at the address that it printed. */
export async function measureMemory(inspector: string): Promise<Memory> {
  const socket = new WebSocket(inspector);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', () => reject(new Error(`Cannot reach ${inspector}`)), { once: true });
  });
  let calls = 0;
  const call = (method: string, params: object = {}): Promise<{ result?: { result?: { value?: string } } }> => {
    const id = (calls += 1);
    return new Promise((resolve) => {
      const hear = ({ data }: MessageEvent): void => {
        const message = JSON.parse(String(data)) as { id?: number };
        if (message.id !== id) return;
        socket.removeEventListener('message', hear);
        resolve(message as never);
      };
      socket.addEventListener('message', hear);
      socket.send(JSON.stringify({ id, method, params }));
    });
  };
  try {
    await call('HeapProfiler.collectGarbage');
    const { result } = await call('Runtime.evaluate', { expression: 'JSON.stringify(process.memoryUsage())' });
    const { heapUsed, rss } = JSON.parse(result!.result!.value!) as { heapUsed: number; rss: number };
    return { heap: heapUsed, rss };
  } finally {
    socket.close();
  }
}

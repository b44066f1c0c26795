import net from 'node:net';

/** Sends the same request so many times over `inFlight` connections, each one after the other. @throws at any answer but 201 */
export async function postMany(port: number, body: string, amount: number, inFlight = 32): Promise<void> {
  const length = Buffer.byteLength(body);
  const head = `POST /api/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}`;
  const request = Buffer.from(`${head}\r\n\r\n${body}`);
  let left = amount;
  const line = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = net.connect(port, '127.0.0.1', send);
      let answer = '';
      function send(): void {
        left -= 1;
        if (left < 0) socket.end(resolve);
        else socket.write(request);
      }
      socket.on('error', reject).setEncoding('latin1');
      socket.on('data', (chunk: string) => {
        answer += chunk;
        const end = answer.indexOf('\r\n\r\n') + 4;
        if (end < 4 || answer.length < end + Number(/content-length: (\d+)/i.exec(answer)?.[1])) return;
        if (!answer.startsWith('HTTP/1.1 201')) reject(new Error(answer));
        answer = '';
        send();
      });
    });
  await Promise.all(Array.from({ length: inFlight }, line));
}

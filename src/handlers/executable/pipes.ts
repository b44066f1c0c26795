import { execFile } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = fs.constants;

/** What a program reads and writes. */
export interface ProgramPipes {
  /** Its descriptors 0, 1 and 2. They are ours too until they are handed over, and as long no stream ends. */
  readonly descriptors: readonly [number, number, number];
  handOver(): void;
  readonly stdout: net.Socket;
  readonly stderr: net.Socket;
  /** Resolves when nobody can write any more and everything has been read. */
  readonly closed: Promise<unknown>;
  close(): void;
}

/**
 * A file and two pipes for a program. Node itself gives sockets to its children, which cannot be opened by name: there
 * `echo … >/dev/stderr` and `cat /dev/stdin` fail, and scripts are full of that. A file as stdin asks nothing of us when
 * the program does not read it. All of it is without a name, and goes with its descriptors, before the program starts.
 * @param folder is made for the time that they have names
 */
export async function openPipes(input: string, folder: string): Promise<ProgramPipes> {
  await fs.promises.mkdir(folder, { mode: 0o700 });
  const [stdin, stdout, stderr] = ['stdin', 'stdout', 'stderr'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  const opened: number[] = [];
  const open = (file: string, flags: number): number => opened[opened.push(fs.openSync(file, flags)) - 1]!;
  try {
    await Promise.all([
      fs.promises.writeFile(stdin, input, { mode: 0o600 }),
      promisify(execFile)('mkfifo', ['-m', '600', stdout, stderr]),
    ]);
    // The reading ends first: they need not wait for writers, and then those need not wait either.
    const readers = [stdout, stderr].map((file) => open(file, O_RDONLY | O_NONBLOCK));
    const descriptors = [open(stdin, O_RDONLY), open(stdout, O_WRONLY), open(stderr, O_WRONLY)] as const;
    const streams = readers.map(toStream) as [net.Socket, net.Socket];
    return {
      descriptors,
      handOver: () => descriptors.forEach((each) => fs.closeSync(each)),
      stdout: streams[0],
      stderr: streams[1],
      closed: Promise.all(streams.map((stream) => new Promise((resolve) => stream.once('close', resolve)))),
      close: () => streams.forEach((stream) => stream.destroy()),
    };
  } catch (error) {
    opened.forEach((each) => fs.closeSync(each));
    throw error;
  } finally {
    await fs.promises.rm(folder, { recursive: true, force: true });
  }
}

function toStream(fd: number): net.Socket {
  const stream = new net.Socket({ fd, readable: true, writable: false });
  // Whatever happens to it, it ends, and that is all that is asked.
  stream.on('error', () => stream.destroy());
  return stream;
}

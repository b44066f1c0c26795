/**
 * A process that uses the local Redis of a project until it is killed:
 * `node local-redis-user.ts PROJECT LINGER_SECONDS`. It prints `{socketPath, started}` once Redis serves.
 */
import { openLocalRedis } from '../../src/broker/local-redis/open-local-redis.ts';

const [projectFolder, lingerSeconds] = process.argv.slice(2);
const { socketPath, started } = await openLocalRedis(projectFolder!, process.env, Number(lingerSeconds));
process.stdout.write(`${JSON.stringify({ socketPath, started })}\n`);
process.stdin.resume();

import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PACKAGE_LIST } from '../../scripts/redis/pack-redis.ts';
import { isHost, ROOT, TARGETS } from '../../scripts/package/targets.ts';
import { runJq, startJq } from '../helpers/run-jq.ts';
import { writeFiles } from '../helpers/write-files.ts';

const target = TARGETS.find(({ name }) => isHost(name));
const hasRedis = target !== undefined && fs.existsSync(path.join(target.redisFolder, PACKAGE_LIST));

const FILES = {
  'node_modules/shout/package.json': '{"name":"shout","main":"index.js"}',
  'node_modules/shout/index.js': 'module.exports = (text) => text.toUpperCase();',
  'handlers/shout.ts': `import { defineHandler } from 'jobqueue';
    import shout from 'shout';
    enum Mark { One = '!' }
    export default defineHandler({ run: ({ text }: { text: string }) => shout(text) + Mark.One });`,
  'handlers/spin.cjs': 'module.exports = () => { for (;;); };',
};

// What the bare Debian of `npm run package:prove` shows, as far as it can be seen where there is a Node, too.
describe.runIf(hasRedis)('the single executable', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-executable-'));
  const project = path.join(folder, 'shop');
  const executable = path.join(ROOT, 'dist', 'package', target!.name, 'jq');
  const env = { PATH: '/nowhere', HOME: folder, XDG_CACHE_HOME: path.join(folder, 'cache') };
  const options = { executable, env, cwd: project };
  const jq = async (line: string): Promise<string> => {
    const { code, stdout, stderr } = await runJq(line.split(' '), options);
    expect(code, `jq ${line}: ${stderr}`).toBe(0);
    return stdout;
  };

  beforeAll(async () => {
    const build = path.join(ROOT, 'scripts', 'package.ts');
    await promisify(execFile)(process.execPath, [build, target!.name]);
    fs.mkdirSync(project);
    await jq('init --quiet');
    await writeFiles(project, FILES);
  }, 180_000);
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 }));

  it('is no larger than it may be, and tells about itself as the program does', async () => {
    expect(fs.statSync(executable).size).toBeLessThan(125e6);
    for (const line of ['--help', '--version', 'help dlq replay'])
      expect(await jq(line)).toBe((await runJq(line.split(' '))).stdout);
    expect(await jq('help licences')).toContain('bullmq');
  });

  it('runs jobs in processes of its own, with its own Redis, packages of the project, and a lock thread', async () => {
    const id = (await jq('enqueue shout --payload {"text":"hi"}')).trim();
    const stuck = (await jq('enqueue spin --attempts 1 --timeout 1s')).trim();
    await jq('work --drain --quiet');
    expect(JSON.parse(await jq(`jobs show ${id} --json`))).toMatchObject({ status: 'completed', result: 'HI!' });
    expect(await jq('dlq list --json')).toContain('held its process');
    expect(JSON.parse(await jq(`jobs show ${stuck} --json`))).toMatchObject({ status: 'failed' });
    expect(fs.globSync('redis-*/redis-server', { cwd: path.join(env.XDG_CACHE_HOME, 'jobqueue') })).toHaveLength(1);
  });

  it('serves its pages', async () => {
    const server = startJq(['serve', '--port', '0'], options);
    onTestFinished(async () => {
      server.child.kill('SIGTERM');
      await server.finished;
    });
    const [url] = await server.says(/http:\/\/\S+:\d+/);
    const board = await (await fetch(`${url}/admin/queues`)).text();
    const [script] = /static\/js\/main[^"]+/.exec(board)!;
    expect((await fetch(`${url}/admin/queues/${script}`)).status).toBe(200);
    expect((await fetch(`${url}/docs/static/swagger-ui-bundle.js`)).status).toBe(200);
  });
});

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { TOPICS } from '../../commands/help/topics.ts';
import { parseCall } from '../../commands/framework/program.ts';
import { neededBy } from '../../scripts/elf/elf.ts';
import { TARGETS } from '../../scripts/package/targets.ts';
import { HEALTH_ROUTES } from '../../src/server/health-routes.ts';
import { METRICS } from '../../src/server/metrics/table.ts';
import { parseDuration } from '../../src/lib/duration.ts';
import { OPTIONS } from '../../src/options.ts';

// No Docker engine, cluster or init system runs these files here: what they say of the program is held against the program.

interface Service {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  secrets?: string[];
  volumes?: string[];
  ports?: string[];
  depends_on?: Record<string, { condition: string }> | string[];
  healthcheck?: { test?: string[]; disable?: boolean };
  stop_grace_period?: string;
  user?: string;
}
interface Compose {
  services: Record<'redis' | 'serve' | 'worker' | 'prometheus' | 'grafana', Service>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, null>;
}
interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: {
    selector?: { matchLabels?: Record<string, string>; app?: string };
    ports?: { port: number; targetPort: string }[];
    scaleTargetRef?: { name: string };
    triggers?: { metadata: Record<string, string> }[];
    template: {
      metadata: { labels: Record<string, string> };
      spec: {
        terminationGracePeriodSeconds: number;
        securityContext: { runAsNonRoot: boolean; runAsUser: number };
        volumes: { name: string; secret?: { defaultMode: number } }[];
        containers: [
          {
            args: string[];
            env: { name: string; value: string }[];
            ports?: { name: string; containerPort: number }[];
            volumeMounts: { name: string; mountPath: string }[];
            securityContext: object;
            livenessProbe?: Probe;
            readinessProbe?: Probe;
          },
        ];
      };
    };
  };
}
interface Probe {
  httpGet: { path: string; port: string };
}

const read = (name: string): string => fs.readFileSync(path.join('deploy', name), 'utf8');
const PORT = OPTIONS['server.port'].default;
const NAMES = [
  ...Object.values(OPTIONS).flatMap((row) => ('env' in row ? row.env : [])),
  ...[...TOPICS.environment!().matchAll(/^\w+/gm)].map(([name]) => name),
];

/** @returns the name of the command; throws for a line that the program would refuse */
function commandOf(words: readonly string[]): string {
  const call = parseCall(words);
  if ('text' in call) throw new Error(`Expected a command: ${words.join(' ')}`);
  return call.command.name;
}
/** How long what these words start may take to end: a server some seconds, a worker its grace, and until what does not listen is put back. */
const patienceSeconds = (words: readonly string[]): number =>
  words[0] === 'work' ? parseDuration(OPTIONS['work.grace'].default)! / 1000 + 10 : 8;
function assertKnown(names: readonly string[]): void {
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect(NAMES, name).toContain(name);
}

describe('every call in a comment', () => {
  const files = fs
    .globSync('**/*', { cwd: 'deploy' })
    .filter((file) => fs.statSync(path.join('deploy', file)).isFile());
  const calls = files.flatMap((file) =>
    [...read(file).matchAll(/(?:jq|run --rm -T serve) (keys create [\w-]+ --scope \w+|help \w+)/g)].map(
      ([, call]) => [file, call!] as const,
    ),
  );
  it.each(calls)('%s: jq %s', (_file, call) => {
    expect(commandOf(call.split(' '))).toMatch(/^(create|help)$/);
  });
  it('is found', () => expect(calls.length).toBeGreaterThan(2));
});

describe('the Dockerfile', () => {
  const lines = read('Dockerfile')
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line));
  const values = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((l) => l.slice(word.length + 1));

  it('copies executables that npm run package makes, and nothing else goes to the builder', () => {
    const files = values('COPY').map((line) => line.split(' ').at(-2));
    expect(files).toEqual(TARGETS.map(({ name }) => `dist/package/${name}/jq`));
    const ignored = read('Dockerfile.dockerignore')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'));
    expect(ignored).toEqual(['*', '!dist/package/linux-*/jq']);
  });

  it('starts the program itself, as nobody, in words of the program', () => {
    const [entry, word] = [values('ENTRYPOINT')[0], values('CMD')[0]].map((text) => JSON.parse(text!) as string[]);
    expect(entry).toEqual(['jq']);
    expect(commandOf(word!)).toBe('serve');
    const health = /HEALTHCHECK .*CMD (.*)/.exec(read('Dockerfile'))![1]!;
    expect(commandOf((JSON.parse(health) as string[]).slice(1))).toBe('health');
    expect(values('USER')).toEqual(['65532:65532']);
    expect(values('EXPOSE')).toEqual([String(PORT)]);
    assertKnown(
      values('ENV')[0]!
        .split(' ')
        .map((pair) => pair.split('=')[0]!),
    );
  });

  it.runIf(process.platform === 'linux')('is made from an image that has all libraries of Node', () => {
    const inImage = /^(ld-linux.*|lib(c|m|dl|pthread|rt|stdc\+\+|gcc_s)\.so\.\d+)$/;
    for (const library of neededBy(fs.readFileSync(process.execPath))) expect(library).toMatch(inImage);
  });
});

describe('compose.yml', () => {
  const compose = parse(read('compose.yml'), { merge: true }) as Compose;
  const { redis, serve, worker, prometheus, grafana } = compose.services;

  it('starts what there is, with options that there are', () => {
    expect([serve, worker].map(({ command }) => commandOf(command!))).toEqual(['serve', 'work']);
    assertKnown([serve, worker].flatMap(({ environment }) => Object.keys(environment!)));
    expect(serve.ports).toEqual([`127.0.0.1:3000:${PORT}`]);
    expect(redis.command!.join(' ')).toMatch(/exec .*--appendonly yes .*--maxmemory-policy noeviction/);
    for (const { command, stop_grace_period: period } of [serve, worker])
      expect(parseDuration(period)! / 1000).toBeGreaterThanOrEqual(patienceSeconds(command!));
  });

  it('waits for what is needed first, where that can be told', () => {
    const whenHealthy = { condition: 'service_healthy' };
    for (const { depends_on: needs } of [serve, worker]) expect(needs).toEqual({ redis: whenHealthy });
    // Its check is the one of the image.
    expect(prometheus.depends_on).toEqual({ serve: whenHealthy });
    expect(redis.healthcheck!.test!.join(' ')).toContain('redis-cli ping');
    expect(worker.healthcheck).toEqual({ disable: true });
  });

  it('brings files that there are, and secrets and volumes that it declares', () => {
    for (const { volumes = [], secrets = [] } of [redis, serve, worker, prometheus, grafana]) {
      for (const secret of secrets) expect(Object.keys(compose.secrets)).toContain(secret);
      for (const [source = ''] of volumes.map((each) => each.replace(/\$\{\w+:-(.*?)\}/, '$1').split(':'))) {
        const isThere = Object.hasOwn(compose.volumes, source) || fs.existsSync(path.join('deploy', source));
        expect(isThere, source).toBe(true);
      }
    }
    for (const [name, { file }] of Object.entries(compose.secrets)) {
      expect(file).toBe(`./secrets/${name}`);
      expect(read('compose.yml')).toMatch(new RegExp(`^# .*(> secrets/${name}$|\\b${name}\\b.*; do)`, 'm'));
    }
  });

  it('has Prometheus ask the server by a name that this takes, with the key, and Grafana ask Prometheus', () => {
    const {
      rule_files: rules,
      scrape_configs: [{ authorization, static_configs: targets }],
    } = parse(read('prometheus/prometheus.yml')) as {
      rule_files: string[];
      scrape_configs: [{ authorization: { credentials_file: string }; static_configs: [{ targets: string[] }] }];
    };
    expect(rules.every((rule) => fs.existsSync(path.join('deploy/prometheus', rule)))).toBe(true);
    expect(authorization.credentials_file).toBe(`/run/secrets/${prometheus.secrets![0]}`);
    expect(targets[0].targets).toEqual([`serve:${PORT}`]);
    expect(serve.environment!.JQ_ALLOWED_HOSTS).toBe('serve');

    const provisioned = (kind: string, name: string) =>
      parse(read(`grafana/provisioning/${kind}/${name}.yml`)) as never;
    const { datasources } = provisioned('datasources', 'prometheus') as {
      datasources: [{ url: string; type: string }];
    };
    expect(datasources[0]).toMatchObject({ type: 'prometheus', url: 'http://prometheus:9090' });
    const { providers } = provisioned('dashboards', 'jobqueue') as { providers: [{ options: { path: string } }] };
    expect(grafana.volumes!.join()).toContain(`jobqueue.json:${providers[0].options.path}/jobqueue.json:ro`);
  });
});

describe.each(['jobqueue-serve.service', 'jobqueue-worker@.service'])('%s', (name) => {
  const text = read(`systemd/${name}`);
  const all = (key: string) => [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value!);

  it('starts what there is, with names that there are, and waits longer than it does', () => {
    const [, ...words] = all('ExecStart')[0]!.split(' ');
    expect(commandOf(words)).toBe(name.includes('worker') ? 'work' : 'serve');
    assertKnown([...text.matchAll(/\b(JQ_\w+|XDG_\w+|NODE_ENV)=/g)].map(([, found]) => found!));
    expect(Number(all('TimeoutStopSec')[0])).toBeGreaterThanOrEqual(patienceSeconds(words));
    expect(all('KillMode')).toEqual(['mixed']);
    expect(all('Restart')).toEqual(['on-failure']);
    const [credential] = all('LoadCredential')[0]!.split(':');
    expect(all('Environment')).toContain(`JQ_REDIS_PASSWORD_FILE=%d/${credential}`);
    for (const folder of all('CacheDirectory')) expect(all('Environment')).toContain(`XDG_CACHE_HOME=%C/${folder}`);
  });

  it.runIf(spawnSync('systemd-analyze', ['--version']).status === 0)('is a unit that systemd takes', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'jobqueue-units-'));
    try {
      const unit = path.join(folder, name.replace('@', '@1'));
      fs.writeFileSync(unit, text.replace('/usr/local/bin/jq', process.execPath));
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
      expect(stderr.split('\n').filter((line) => line.includes(name.slice(0, 8)))).toEqual([]);
      expect(status).toBe(0);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});

describe('the manifests for Kubernetes', () => {
  // Kubernetes reads YAML 1.1, where 0440 is octal.
  const manifests = ['jobqueue.yml', 'keda.yml'].flatMap((file) =>
    parseAllDocuments(read(`kubernetes/${file}`), { version: '1.1' }).map((document) => {
      for (const error of document.errors) throw error;
      return document.toJS() as Manifest;
    }),
  );
  const ofKind = (kind: string) => manifests.filter((each) => each.kind === kind);
  const deployments = ofKind('Deployment');

  it('are what is needed', () => {
    const rows = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(rows).toEqual([
      'Deployment jobqueue-serve',
      'Deployment jobqueue-worker',
      'Service jobqueue',
      'PodDisruptionBudget jobqueue-serve',
      'PodDisruptionBudget jobqueue-worker',
      'ScaledObject jobqueue-worker',
    ]);
    expect(new Set(rows).size).toBe(rows.length);
  });

  it.each(deployments.map((each) => [each.metadata.name, each] as const))('%s', (name, { spec }) => {
    const { containers, volumes, ...pod } = spec.template.spec;
    const [container] = containers;
    expect(spec.selector!.matchLabels).toEqual(spec.template.metadata.labels);
    expect(commandOf(container.args)).toBe(name.endsWith('worker') ? 'work' : 'serve');
    assertKnown(container.env.map((each) => each.name));
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(patienceSeconds(container.args));
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65532 });
    expect(container.securityContext).toMatchObject({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true });
    expect(container.volumeMounts.map((each) => each.name)).toEqual(volumes.map((each) => each.name));
    // What others may read is refused as a password file.
    expect(volumes.map(({ secret }) => (secret?.defaultMode ?? 0) & 0o007)).toEqual([0, 0]);
    const file = container.env.find((each) => each.name === 'JQ_REDIS_PASSWORD_FILE')!.value;
    expect(container.volumeMounts.map((each) => each.mountPath)).toContain(path.dirname(file));
  });

  it('ask for health where the server answers, by the port that it listens on', () => {
    const [container] = deployments[0]!.spec.template.spec.containers;
    expect(container.ports).toEqual([{ name: 'http', containerPort: PORT }]);
    for (const { httpGet } of [container.livenessProbe!, container.readinessProbe!]) {
      expect(HEALTH_ROUTES.map(({ url }) => url)).toContain(httpGet.path);
      expect(httpGet.port).toBe('http');
    }
    const [service] = ofKind('Service');
    expect(service!.spec.ports).toMatchObject([{ targetPort: 'http' }]);
    const labels = deployments.map((each) => each.spec.template.metadata.labels);
    expect(labels).toContainEqual(service!.spec.selector);
    for (const { spec } of ofKind('PodDisruptionBudget')) expect(labels).toContainEqual(spec.selector!.matchLabels);
  });

  it('scale the workers by a metric that there is', () => {
    const { scaleTargetRef, triggers } = ofKind('ScaledObject')[0]!.spec;
    expect(deployments.map(({ metadata }) => metadata.name)).toContain(scaleTargetRef!.name);
    const used = [...triggers![0]!.metadata.query!.matchAll(/jobqueue_\w+/g)].map(([metric]) => metric);
    expect(used).toContain('jobqueue_queue_oldest_waiting_seconds');
    for (const metric of used) expect(Object.keys(METRICS)).toContain(metric);
  });
});

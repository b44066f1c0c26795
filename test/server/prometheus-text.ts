/** One sample of Prometheus' text format. */
export interface ParsedSample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** All lines that belong to one name. */
export interface Family {
  name: string;
  type: string;
  help: string;
  samples: ParsedSample[];
}

const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const SAMPLE = /^([a-zA-Z_][a-zA-Z0-9_]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)/y;
const SUFFIXES: Record<string, readonly string[]> = { histogram: ['_bucket', '_sum', '_count'] };

/**
 * Reads Prometheus' text format as strictly as the format says, and as `promtool check metrics` would have it for metrics of
 * ours: https://prometheus.io/docs/instrumenting/exposition_formats, https://prometheus.io/docs/practices/naming.
 * @throws Error for the first line that is not as it should be
 */
export function parsePrometheus(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('Expected the last line to end');
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let current: Family | undefined;
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, word, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (word === 'HELP') {
      if (families.has(name)) throw new Error(`${name} comes twice`);
      if (!NAME.test(name) || rest === '') throw new Error(`Not a name with a help text: ${line}`);
      families.set(name, (current = { name, type: '', help: rest, samples: [] }));
    } else if (word === 'TYPE') {
      if (current?.name !== name || current.type !== '') throw new Error(`TYPE without its HELP before it: ${line}`);
      if (!['counter', 'gauge', 'histogram', 'summary'].includes(rest)) throw new Error(`No such type: ${line}`);
      current.type = rest;
    } else {
      const sample = parseSample(line);
      const names = (SUFFIXES[current?.type ?? ''] ?? ['']).map((suffix) => current?.name + suffix);
      if (!names.includes(sample.name)) throw new Error(`Not below its own HELP and TYPE: ${line}`);
      const identity = JSON.stringify([sample.name, Object.entries(sample.labels).toSorted()]);
      if (seen.has(identity)) throw new Error(`Comes twice: ${line}`);
      seen.add(identity);
      current!.samples.push(sample);
    }
  }
  for (const family of families.values()) check(family);
  return families;
}

function parseSample(line: string): ParsedSample {
  const [, name, labelText = '', number = ''] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`Not a sample: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < labelText.length) {
    const [, label, value] = LABEL.exec(labelText) ?? [];
    if (label === undefined || label in labels) throw new Error(`Labels are wrong: ${line}`);
    labels[label] = value!.replaceAll(/\\(.)/g, (_whole, letter: string) => (letter === 'n' ? '\n' : letter));
  }
  const value = number === '+Inf' ? Infinity : Number(number);
  // prom-client writes it so, and Prometheus, in Go, reads it in any case; ours are always something.
  if (Number.isNaN(value) && (number.toLowerCase() !== 'nan' || name.startsWith('jobqueue_'))) {
    throw new Error(`Not a number: ${line}`);
  }
  return { name, labels, value };
}

function check({ name, type, samples }: Family): void {
  if (type === '') throw new Error(`${name} has no TYPE`);
  if (name.startsWith('jobqueue_')) {
    if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is a ${type}`);
    if (/milli|_ms|_minutes|_kb|_mb/.test(name)) throw new Error(`${name} is not in a base unit`);
    if (/_(count|sum|bucket|info)$/.test(name) && name !== 'jobqueue_build_info')
      throw new Error(`${name} is misleading`);
  }
  const [first] = samples;
  const labelsOf = ({ labels }: ParsedSample) =>
    Object.keys(labels)
      .filter((each) => each !== 'le')
      .join();
  if (samples.some((each) => labelsOf(each) !== labelsOf(first!)))
    throw new Error(`${name} has samples of other labels`);
  if (type !== 'gauge' && samples.some(({ value }) => value < 0)) throw new Error(`${name} is below 0`);
  if (type === 'histogram') checkHistogram(name, samples);
}

function checkHistogram(name: string, samples: readonly ParsedSample[]): void {
  const bySeries = Map.groupBy(samples, ({ labels: { le: _bound, ...rest } }) => JSON.stringify(rest));
  for (const [series, lines] of bySeries) {
    const buckets = lines.filter((each) => each.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => (labels.le === '+Inf' ? Infinity : Number(labels.le)));
    const counts = buckets.map(({ value }) => value);
    const isRising = (numbers: number[], by: (a: number, b: number) => boolean) =>
      numbers.every((each, index) => index === 0 || by(numbers[index - 1]!, each));
    if (bounds.at(-1) !== Infinity || !isRising(bounds, (a, b) => a < b))
      throw new Error(`${name}${series}: bounds ${bounds.join()}`);
    if (!isRising(counts, (a, b) => a <= b)) throw new Error(`${name}${series}: counts ${counts.join()}`);
    const only = (suffix: string) => lines.filter((each) => each.name === name + suffix);
    if (only('_count').length !== 1 || only('_sum').length !== 1) throw new Error(`${name}${series}: no count or sum`);
    if (only('_count')[0]!.value !== counts.at(-1)) throw new Error(`${name}${series}: the count is not that of +Inf`);
  }
}

/** The value of the one sample with these labels, among others. */
export function valueOf(families: Map<string, Family>, name: string, labels: Record<string, string> = {}): number {
  const family = [...families.values()].find(({ samples }) => samples.some((each) => each.name === name));
  const found = (family?.samples ?? []).filter(
    (each) => each.name === name && Object.entries(labels).every(([label, value]) => each.labels[label] === value),
  );
  if (found.length !== 1)
    throw new Error(`Expected one sample ${name}${JSON.stringify(labels)}, found ${found.length}`);
  return found[0]!.value;
}

import fs from 'node:fs';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { DASHBOARD, renderDashboard } from '../../scripts/deploy/dashboard.ts';
import { type MetricRow, METRICS } from '../../src/server/metrics/table.ts';

interface Alert {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string; description: string };
}
interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { refId: string; expr: string; datasource: { uid: string } }[];
}
interface Dashboard {
  panels: Panel[];
  templating: { list: { name: string; query: string | { query: string } }[] };
}

const alerts = (
  parse(fs.readFileSync('deploy/prometheus/alerts.yml', 'utf8')) as { groups: { rules: Alert[] }[] }
).groups.flatMap(({ rules }) => rules);
const dashboard = JSON.parse(fs.readFileSync(DASHBOARD, 'utf8')) as Dashboard;
const panels = dashboard.panels.filter(({ type }) => type !== 'row');

/** Labels that Prometheus adds, and those of lines of a histogram. */
const ADDED = ['instance', 'job', 'le'];

/** All that an expression names must be there: the metrics, and for those of ours the labels. */
function assertKnown(expression: string): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const others = registry.getMetricsAsArray().map(({ name }) => name);
  const rows: Record<string, MetricRow> = METRICS;
  const used = [...expression.matchAll(/\b(?:jobqueue|process|nodejs)_\w+/g)].map(([name]) =>
    name.replace(/_(bucket|sum|count)$/, ''),
  );
  expect(used.length, expression).toBeGreaterThan(0);
  for (const name of used) expect([...Object.keys(METRICS), ...others], expression).toContain(name);
  const known = [...used.flatMap((name) => rows[name]?.labels ?? []), ...ADDED];
  const grouped = [...expression.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(/,\s*/));
  const selected = [...expression.matchAll(/(\w+)\s*=~?\s*"/g)].map(([, label]) => label!);
  for (const label of [...grouped, ...selected]) expect(known, expression).toContain(label);
  const count = (what: RegExp) => expression.match(what)?.length ?? 0;
  expect([count(/\(/g), count(/\{/g), count(/\[/g)], expression).toEqual([count(/\)/g), count(/\}/g), count(/\]/g)]);
}

it('every alert is about metrics and labels that there are, and says what to do', () => {
  expect(alerts.length).toBeGreaterThan(8);
  expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  for (const { alert, expr, labels, annotations, ...rest } of alerts) {
    assertKnown(expr);
    expect(alert).toMatch(/^Jobqueue[A-Z]\w+$/);
    expect(['critical', 'warning', 'info']).toContain(labels.severity);
    expect(rest.for ?? '1m').toMatch(/^\d+[mh]$/);
    expect(annotations.summary.length).toBeGreaterThan(10);
    expect(annotations.description.length).toBeGreaterThan(10);
    // What a message names, the expression must keep.
    for (const [, label] of annotations.summary.matchAll(/\$labels\.(\w+)/g)) {
      expect(expr.includes(`by (${label}`) || (label === 'instance' && !expr.includes('by')), alert).toBe(true);
    }
  }
});

it('the dashboard is what its table says, about metrics and labels that there are', async () => {
  expect(fs.readFileSync(DASHBOARD, 'utf8'), 'run: npm run docs').toBe(await renderDashboard());
  const names = dashboard.templating.list.map(({ name }) => name);
  for (const { title, targets } of panels) {
    expect(targets!.length, title).toBeGreaterThan(0);
    expect(new Set(targets!.map(({ refId }) => refId)).size, title).toBe(targets!.length);
    for (const { expr, datasource } of targets!) {
      assertKnown(expr);
      expect(datasource.uid).toBe('${datasource}');
      for (const [, variable] of expr.matchAll(/\$(?!__)(\w+)/g)) expect(names, expr).toContain(variable);
    }
  }
  for (const { query } of dashboard.templating.list) if (typeof query === 'object') assertKnown(query.query);
});

it('its panels have a place each, and all are within the page', () => {
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  const cells = dashboard.panels.flatMap(({ title, gridPos: { x, y, w, h } }) => {
    expect(x + w, title).toBeLessThanOrEqual(24);
    return Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`);
  });
  expect(new Set(cells).size).toBe(cells.length);
});

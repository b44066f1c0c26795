import { renderTable, type TableColumn } from '../../src/lib/table.ts';
import type { Outcome } from './run-fault.ts';

type Column = TableColumn & { cell(outcome: Required<Pick<Outcome, 'counts'>> & Outcome): string | number };

const right = (title: string, cell: Column['cell']): Column => ({ title, align: 'right', cell });

const COLUMNS: readonly Column[] = [
  { title: 'fault', cell: ({ fault }) => fault.name },
  right('strikes', ({ strikes }) => strikes ?? ''),
  right('jobs', ({ counts }) => counts.tried),
  right('acked', ({ counts }) => counts.acknowledged),
  right('lost', ({ counts }) => counts.lost.length),
  right('recovered', ({ counts }) => counts.recovered.length),
  right('unexpected', ({ counts }) => counts.unexpected.length),
  right('duplicated', ({ counts }) => `${counts.duplicated.length} of ${counts.duplicatesAllowed}`),
  right('phantom-dead', ({ counts }) => counts.phantomDead.length),
  right('overlap', ({ counts }) => counts.overlap.length),
  right('charged', ({ counts }) => counts.charged.length),
  right('effects', ({ counts }) => `${counts.effects} of ${counts.effects + counts.wrongEffects.length}`),
  right('lines/s', ({ counts }) => counts.troubles),
  right('recovery', ({ recoveryMs }) => (recoveryMs === undefined ? '' : `${recoveryMs} ms`)),
  { title: '', cell: (outcome) => (hasFailed(outcome) ? 'FAILED' : 'ok') },
];

export const hasFailed = ({ wrong, late }: Outcome): boolean => wrong.length + late.length > 0;

/** One row a fault, and below the table, in words, what did not hold and what was not tried. */
export function renderReport(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((outcome) => {
    const { counts, fault, skipped } = outcome;
    if (counts) return COLUMNS.map(({ cell }) => String(cell({ ...outcome, counts })));
    const verdict = skipped === undefined ? 'FAILED' : 'skipped';
    return [fault.name, ...COLUMNS.slice(2).map(() => ''), verdict];
  });
  const notes = outcomes.flatMap(({ fault, skipped, wrong, late, folder }) => [
    ...(skipped === undefined ? [] : [`${fault.name}: skipped, ${skipped}`]),
    ...[...wrong, ...late].map((what) => `${fault.name}: ${what}`),
    ...(folder === undefined ? [] : [`${fault.name}: ledgers and logs are in ${folder}`]),
  ]);
  return `${renderTable(COLUMNS, rows)}${notes.map((note) => `${note}\n`).join('')}`;
}

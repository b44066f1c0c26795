/** Writes what comes from the program's own tables: those in the manual, and the dashboard: `node scripts/docs.ts`. */
import fs from 'node:fs';
import path from 'node:path';
import { DASHBOARD, renderDashboard } from './deploy/dashboard.ts';
import { MANUAL, renderManual } from './docs/render-manual.ts';

const fileAt = (name: string): string => path.resolve(import.meta.dirname, '..', name);
fs.writeFileSync(fileAt(MANUAL), await renderManual(fs.readFileSync(fileAt(MANUAL), 'utf8')));
fs.writeFileSync(fileAt(DASHBOARD), await renderDashboard());

import { HEALTH_ROUTES } from './health-routes.ts';
import { JOB_ROUTES } from './job-routes.ts';
import { METRICS_ROUTES } from './metrics-routes.ts';
import type { Route } from './route.ts';

/** Every route that there is. */
export const ROUTES: readonly Route[] = [...JOB_ROUTES, ...HEALTH_ROUTES, ...METRICS_ROUTES];

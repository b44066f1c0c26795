import { DEAD_LETTER_ROUTES } from './dead-letter-routes.ts';
import { DESCRIPTION_ROUTES } from './description-routes.ts';
import { EVENT_ROUTES } from './event-routes.ts';
import { FAMILIAR_ROUTES } from './familiar-routes.ts';
import { HEALTH_ROUTES } from './health-routes.ts';
import { JOB_ROUTES } from './job-routes.ts';
import { METRICS_ROUTES } from './metrics-routes.ts';
import { ONE_JOB_ROUTES } from './one-job-routes.ts';
import { QUEUE_ROUTES } from './queue-routes.ts';
import type { Route } from './route.ts';

/** Every route that there is. */
export const ROUTES: readonly Route[] = [
  ...JOB_ROUTES,
  ...ONE_JOB_ROUTES,
  ...EVENT_ROUTES,
  ...DEAD_LETTER_ROUTES,
  ...QUEUE_ROUTES,
  ...FAMILIAR_ROUTES,
  ...HEALTH_ROUTES,
  ...METRICS_ROUTES,
  ...DESCRIPTION_ROUTES,
];

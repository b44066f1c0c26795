import type { JobState } from '../jobs/job.ts';

/** The jobs of one state, or of all of them in one list. */
export type StateTab = JobState | 'all';

/** What a person is looking at: a screen, and what it is about. */
export type Place =
  | { screen: 'queues' }
  | { screen: 'jobs'; queue?: string; state: StateTab }
  | { screen: 'groups'; queue?: string }
  | { screen: 'letters'; queue?: string; group: string; type: string; error: string }
  | { screen: 'workers' }
  | { screen: 'events'; queue?: string }
  | { screen: 'connections' }
  | { screen: 'schedules' }
  | { screen: 'types'; queue?: string }
  | { screen: 'type'; queue: string; type: string }
  | { screen: 'redis' }
  | { screen: 'flow'; queue: string; id: string }
  | { screen: 'job'; queue: string; id: string; tab: JobTab };

export type ScreenId = Place['screen'];
export type PlaceOf<Id extends ScreenId> = Extract<Place, { screen: Id }>;

export const JOB_TABS = ['overview', 'payload', 'error', 'logs', 'result', 'options'] as const;
export type JobTab = (typeof JOB_TABS)[number];

/** The places that tabs and number keys lead to, in their order. */
export const ROOTS = [
  { screen: 'queues' },
  { screen: 'jobs', state: 'active' },
  { screen: 'groups' },
  { screen: 'workers' },
  { screen: 'events' },
] as const satisfies readonly Place[];

/** The same for the same place, and for no other. */
export const keyOf = (place: Place): string => JSON.stringify(place);

/** The same for places that show the same data: all tabs of a job. */
export const subjectOf = (place: Place): string =>
  keyOf(place.screen === 'job' ? { ...place, tab: 'overview' } : place);

import type { Place, ScreenId } from '../places.ts';
import { connectionsScreen } from './connections.ts';
import { eventsScreen } from './events.ts';
import { flowScreen } from './flow.ts';
import { groupsScreen } from './groups.ts';
import { jobScreen } from './job.ts';
import { jobsScreen } from './jobs.ts';
import { lettersScreen } from './letters.ts';
import { queuesScreen } from './queues.ts';
import { redisScreen } from './redis.ts';
import { schedulesScreen } from './schedules.ts';
import type { Screen } from './screen.ts';
import { typeScreen } from './type.ts';
import { typesScreen } from './types.ts';
import { workersScreen } from './workers.ts';

/** Every screen. */
export const SCREENS: Record<ScreenId, Screen> = {
  queues: queuesScreen,
  jobs: jobsScreen,
  groups: groupsScreen,
  letters: lettersScreen,
  workers: workersScreen,
  events: eventsScreen,
  connections: connectionsScreen,
  schedules: schedulesScreen,
  types: typesScreen,
  flow: flowScreen,
  type: typeScreen,
  redis: redisScreen,
  job: jobScreen,
};

export const isText = (place: Place): boolean => screenOf(place).isText === true;
export const screenOf = ({ screen }: Place): Screen => SCREENS[screen];

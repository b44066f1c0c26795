import { deadLettersScreen } from './dead-letters.ts';
import { queuesScreen } from './queues.ts';
import { workersScreen } from './workers.ts';

/** Every screen, in the order of its tab and its number key. */
export const SCREENS = [queuesScreen, deadLettersScreen, workersScreen] as const;

export type ScreenId = (typeof SCREENS)[number]['id'];

export const screenOf = (id: ScreenId): (typeof SCREENS)[number] => SCREENS.find((screen) => screen.id === id)!;

import { defineScreen } from './screen.ts';
import { sinceOf } from './type-text.ts';

/** One type in the last hour, as a text. What it says is made by `type-text.ts`. */
export const typeScreen = defineScreen<never, 'type'>({
  id: 'type',
  title: 'Type',
  isText: true,
  firstSort: () => ({ column: '', descending: false }),
  columns: () => [],
  badge: () => 0,
  summary: ({ page }, { queue, type }) => [
    { text: `${queue} › ${type}`, tone: 'strong' },
    ...(page?.hour ? [sinceOf(page.hour)] : []),
  ],
  identity: () => '',
  flag: () => '',
  empty: () => '',
});

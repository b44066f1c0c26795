import type { Page } from './page.ts';

/** What there is for browsers. */
export const PAGES: readonly Page[] = [
  {
    path: '/docs',
    look: 'read',
    load: async (host, context) => (await import('./docs-page.ts')).createDocsPage(context, host),
  },
  {
    path: '/admin/queues',
    look: 'read',
    change: { scope: 'operate', methods: ['POST', 'PUT', 'PATCH'] },
    load: async (_host, context) => (await import('./board-page.ts')).createBoardPage(context),
  },
];

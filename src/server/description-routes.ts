import { type Route, route } from './route.ts';

export const DESCRIPTION_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    url: '/openapi.json',
    scope: 'read',
    perQueue: true,
    operation: 'getDescription',
    tag: 'server',
    summary: 'The description of this API, in OpenAPI 3.1',
    answers: { 200: { description: 'The description', schema: { type: 'object' } } },
    handle: async (_context, { server }) => server.swagger(),
  }),
];

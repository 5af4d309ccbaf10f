import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openApiDocument } from '../../apps/api/src/app.openapi.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

/** Whoever opens another route to everyone has to say so here. */
const PUBLIC = [
  'GET /health/live',
  'GET /health/ready',
  'GET /health/startup',
  'GET /metrics',
  'GET /problems',
  'GET /problems.css',
  'GET /problems/{code}',
  'GET /status',
  'GET /status.css',
  'GET /status.js',
  'GET /status.json',
  'POST /api/v1/auth/revoke',
  'POST /api/v1/auth/token',
  'POST /api/v1/users',
];

interface Route {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly isPublic: boolean;
  /** Who may call it, as the document tells people. */
  readonly access: string;
}

function routes(): Route[] {
  return Object.entries(openApiDocument(app.app).paths).flatMap(([path, item]) =>
    (['get', 'post', 'put', 'patch', 'delete'] as const).flatMap((verb) => {
      const operation = item[verb];
      if (!operation) return [];
      const method = verb.toUpperCase();
      const access = /Access: (.*)\.$/.exec(operation.description ?? '')?.[1] ?? '';
      return [{ name: `${method} ${path}`, method, path, isPublic: operation.security?.length === 0, access }];
    }),
  );
}

/** A route with ids filled in, as the client takes it. */
function target({ path }: Route): string {
  const filled = path.replace('{code}', 'order.not_found').replace(/\{\w+\}/g, '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11');
  return filled.startsWith('/api/v1') ? filled.slice('/api/v1'.length) : `/${filled}`;
}

describe('the routes of the application', () => {
  it('those without security in the OpenAPI document → the public ones, and no other', () => {
    const open = routes().filter(({ isPublic }) => isPublic);
    expect(open.map(({ name }) => name).toSorted()).toEqual(PUBLIC);
  });

  it('each of the others → takes the password flow or a bearer token, and says for whom it is', () => {
    const closed = Object.values(openApiDocument(app.app).paths)
      .flatMap((item) => [item.get, item.post, item.put, item.patch, item.delete])
      .filter((operation) => operation !== undefined && operation.security?.length !== 0);
    expect(closed.length).toBeGreaterThan(20);
    for (const operation of closed) {
      expect(operation?.security).toEqual([{ oauth2: [] }, { bearer: [] }]);
      expect(operation?.description).toMatch(/Access: \S.*\.$/);
    }
  });

  it('called by nobody → 401 with a challenge on all but the public ones', async () => {
    const refused: string[] = [];
    for (const route of routes()) {
      const reply = await app.client.send(route.method, target(route), {});
      if (reply.status === 401 && reply.headers['www-authenticate'] === 'Bearer') refused.push(route.name);
    }
    const others = routes()
      .map(({ name }) => name)
      .filter((name) => !PUBLIC.includes(name));
    expect(refused.toSorted()).toEqual(others.toSorted());
  });

  it('called by a customer → 403 on those for other roles, and on no other', async () => {
    const { token } = await app.factory.signedIn();
    const others = routes().filter(({ access }) => /^(analyst|admin|analyst, admin)$/.test(access));
    expect(others.length).toBeGreaterThan(5);
    const refused: string[] = [];
    for (const route of routes().filter(({ name }) => name !== 'DELETE /api/v1/auth/sessions')) {
      const reply = await app.client.send(route.method, target(route), { as: token });
      if (reply.status === 403) refused.push(route.name);
    }
    expect(refused.toSorted()).toEqual(others.map(({ name }) => name).toSorted());
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

const UP = { status: 'up', responseTime: expect.any(Number) };

/** Runs `work` while the database of the application takes no connections; those that it had are cut. */
async function withoutDatabase<T>(work: () => Promise<T>): Promise<T> {
  const url = new URL(app.database.url);
  const name = url.pathname.slice(1);
  url.pathname = '/postgres';
  const client = new pg.Client(url.href);
  await client.connect();
  try {
    await client.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
    return await work();
  } finally {
    await client.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    await client.end();
  }
}

describe('health', () => {
  it.each([
    ['//health/live', {}],
    ['//health/ready', { database: UP }],
    ['//health/startup', {}],
  ])('%s of a healthy process → 200 as @nestjs/terminus has it', async (path, parts) => {
    const reply = await app.client.get(path);
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({ status: 'ok', info: parts, error: {}, details: parts });
    expect(reply.headers['cache-control']).toBe('no-store');
  });

  it('no token, or a bad one → answered all the same', async () => {
    const replies = [await app.client.get('//health/ready'), await app.client.get('//health/ready', { as: 'x.y.z' })];
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('the database away → not ready, but alive; back → ready', async () => {
    const [ready, live, startup] = await withoutDatabase(() =>
      Promise.all(['//health/ready', '//health/live', '//health/startup'].map((path) => app.client.get(path))),
    );
    expect([ready?.status, live?.status, startup?.status]).toEqual([503, 200, 200]);
    const down = { database: expect.objectContaining({ status: 'down' }) };
    expect(ready?.body).toEqual({ status: 'error', info: {}, error: down, details: down });
    expect(ready?.headers['cache-control']).toBe('no-store');
    expect(ready?.text).not.toMatch(/message|test_|not currently accepting/);
    const [why] = app.log.of(ready?.headers['x-request-id']).filter(({ message }) => message === 'not healthy');
    expect(JSON.stringify(why)).toMatch(/is not currently accepting connections|terminating connection/);
    expect((await app.client.get('//health/ready')).status).toBe(200);
  });

  it('under the prefix of the API → an unknown path', async () => {
    expect((await app.client.get('/health/live')).body.code).toBe('route.not_found');
  });
});

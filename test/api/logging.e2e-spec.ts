import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Reply } from '../support/api-client.js';
import { PASSWORD, type SignedIn } from '../support/factory.js';
import { HeldLock } from '../support/held-lock.js';
import { queriesOf } from '../support/queries.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
let user: SignedIn;
beforeAll(async () => {
  app = await TestApp.start();
  user = await app.factory.signedIn();
});
afterAll(() => app.stop());

const linesOf = (reply: Reply) => app.log.of(reply.headers['x-request-id']);
const requestLines = (reply: Reply) => linesOf(reply).filter(({ message }) => message === 'request');

describe('the line of a request', () => {
  it('has exactly these members', async () => {
    const reply = await app.client.get(`/users/${user.id}`, { as: user.token, headers: { 'X-Request-ID': 'line-1' } });
    expect(linesOf(reply)).toEqual([
      {
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        level: 'info',
        message: 'request',
        module: 'UsersController',
        function: 'readUser',
        line: expect.any(Number),
        request_id: 'line-1',
        user_id: user.id,
        method: 'GET',
        route: '/api/v1/users/:id',
        path: `/api/v1/users/${user.id}`,
        status: 200,
        duration_ms: expect.any(Number),
        db_queries: 1,
        db_ms: expect.any(Number),
      },
    ]);
  });

  it('its times and counts → those of the answer', async () => {
    const reply = await app.client.get(`/users/${user.id}/orders`, { as: user.token });
    const [line] = requestLines(reply);
    expect(line?.['db_queries']).toBe(queriesOf(reply));
    expect(Number(line?.['db_ms'])).toBeGreaterThan(0);
    expect(Number(line?.['duration_ms'])).toBeGreaterThan(Number(line?.['db_ms']) / Number(line?.['db_queries']));
  });

  it.each([
    ['GET', '/users/me', 401, { route: '/api/v1/users/me', user_id: null }],
    ['GET', '/nowhere', 404, { route: null, user_id: null, path: '/api/v1/nowhere' }],
    ['GET', '//nowhere', 404, { route: null, path: '/nowhere' }],
    ['PUT', '/users', 405, { route: null }],
    ['GET', '//health/live', 200, { route: '/health/live', module: 'HealthController', function: 'readLiveness' }],
    ['POST', '/auth/token', 400, { route: '/api/v1/auth/token', module: 'TokensController', function: 'issueToken' }],
    ['HEAD', '//problems', 200, { method: 'HEAD', route: '/problems' }],
  ])('%s %s, answered with %s → one', async (method, path, status, members) => {
    const reply = await app.client.send(method, path, {});
    expect(reply.status).toBe(status);
    expect(requestLines(reply)).toEqual([expect.objectContaining({ level: 'info', status, ...members })]);
  });

  it('a role that is missing → the user is known', async () => {
    const reply = await app.client.get('/users', { as: user.token });
    expect(requestLines(reply)).toEqual([expect.objectContaining({ status: 403, user_id: user.id })]);
  });

  it('a query → is not in it', async () => {
    const reply = await app.client.get('/orders?sku=SKU-SECRET', { as: user.token });
    expect(JSON.stringify(linesOf(reply))).not.toContain('SKU-SECRET');
  });

  it('a caller who hangs up → one, with 499', async () => {
    const ended = await HeldLock.during(app.database.url, 'LOCK TABLE users', async (lock) => {
      const { hostname, port } = new URL(app.client.url);
      const socket = connect(Number(port), hostname);
      socket.write(
        `GET /api/v1/users/me HTTP/1.1\r\nHost: x\r\nX-Request-ID: gone-1\r\nAuthorization: Bearer ${user.token}\r\n\r\n`,
      );
      await lock.waiters(1);
      socket.destroy();
      while (app.log.of('gone-1').length === 0) await lock.waiters(1);
      return app.log.of('gone-1');
    });
    await app.client.get('/users/me', { as: user.token });
    expect(ended).toEqual([
      expect.objectContaining({ status: 499, aborted: true, level: 'info', user_id: user.id, function: 'readOneself' }),
    ]);
    expect(app.log.of('gone-1').filter(({ message }) => message === 'request')).toHaveLength(1);
  });
});

describe('the lines of the application', () => {
  it('within a request → its id, user, class, method and line', async () => {
    const { id, token } = await app.factory.signedIn();
    const reply = await app.client.delete(`/users/${id}`, { as: token, headers: { 'If-Match': '*' } });
    expect(linesOf(reply).filter(({ message }) => message !== 'request')).toEqual([
      expect.objectContaining({
        message: 'sessions ended',
        module: 'SessionsService',
        function: expect.any(String),
        line: expect.any(Number),
      }),
      expect.objectContaining({
        message: 'user deleted',
        module: 'UsersService',
        function: 'remove',
        user_id: id,
        subject: id,
      }),
    ]);
  });

  it('requests at the same time → each line has the id of its own', async () => {
    const users = await Promise.all(Array.from({ length: 8 }, () => app.factory.signedIn()));
    const replies = await Promise.all(
      users.map(({ id, token }) =>
        app.client.delete(`/users/${id}`, { as: token, headers: { 'If-Match': '*', 'X-Request-ID': `of-${id}` } }),
      ),
    );
    expect(replies.map((reply) => linesOf(reply).filter(({ subject }) => subject !== undefined))).toEqual(
      users.map(({ id }) => [expect.objectContaining({ request_id: `of-${id}`, user_id: id, subject: id })]),
    );
  });

  it('the built program → lines of the TypeScript source', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--enable-source-maps', 'dist/apps/api/src/migrate.js'],
      {
        env: { DATABASE_URL: app.database.url, LOG_FORMAT: 'json' },
      },
    );
    const line = stdout.split('\n').find((text) => text.includes('"module":"migrate"'));
    const { function: name, line: number } = JSON.parse(line ?? '{}');
    const source = readFileSync('apps/api/src/migrate.ts', 'utf8').split('\n');
    expect([name, source[number - 1]]).toEqual(['migrate', expect.stringContaining('log.info(')]);
  });
});

describe('what must not be in the log', () => {
  it('passwords, tokens and bodies → nowhere, whatever comes of the request', async () => {
    const secret = 'Zebra-Quagga-Okapi';
    const { email } = await app.factory.aUser();
    const before = app.log.lines().length;
    const signIn = { grant_type: 'password', username: email, password: PASSWORD };
    const tokens = await app.client.post('/auth/token', { body: signIn });
    const { access_token: as, refresh_token } = tokens.body;
    await app.client.post('/auth/token', { body: { ...signIn, password: secret } });
    await app.client.post('/auth/token', { body: { grant_type: 'refresh_token', refresh_token } });
    await app.client.put('/auth/password', { as, body: { currentPassword: secret, newPassword: `${secret}!` } });
    await app.client.post('/users', {
      body: { name: 'A', email: 'quagga@example.com', password: secret, [secret]: secret },
    });
    await app.client.post('/users', {
      body: `{"password":"${secret}"`,
      headers: { 'Content-Type': 'application/json' },
    });
    await app.client.post('/auth/revoke', { body: { token: as } });
    await app.client.get('/users/me', { as: `${as}${secret}` });
    const text = JSON.stringify(app.log.lines().slice(before));
    expect(text).toContain('signed in');
    expect(text).not.toMatch(/Zebra|Okapi|quagga@|argon2/i);
    for (const token of [as, refresh_token, PASSWORD]) expect(text).not.toContain(token);
  });
});

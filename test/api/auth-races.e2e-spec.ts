import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Reply } from '../support/api-client.js';
import { PASSWORD, type SignedIn } from '../support/factory.js';
import { HeldLock } from '../support/held-lock.js';
import { TestApp } from '../support/test-app.js';
import { decoded, passwordGrant, refresh, signIn } from '../support/tokens.js';

let app: TestApp;
let admin: SignedIn;
beforeAll(async () => {
  app = await TestApp.start();
  admin = await app.factory.admin();
});
afterAll(() => app.stop());

const NEW = 'staple correct horse';
const ANY = { 'If-Match': '*' };

const tryIn = (email: string): Promise<Reply> => app.client.post('/auth/token', { body: passwordGrant(email) });
const patch = (id: string, body: object): Promise<Reply> =>
  app.client.patch(`/users/${id}`, { as: admin.token, body, headers: ANY });
const remove = (id: string): Promise<Reply> => app.client.delete(`/users/${id}`, { as: admin.token, headers: ANY });

function changePassword(as: string, newPassword = NEW): Promise<Reply> {
  return app.client.put('/auth/password', { as, body: { currentPassword: PASSWORD, newPassword } });
}

async function liveSessions(userId: string): Promise<number> {
  const [row] = await app.dataSource.query(
    'SELECT count(*)::int AS n FROM sessions WHERE user_id = $1 AND revoked_at IS NULL',
    [userId],
  );
  return row.n;
}

const rowOf = (table: 'users' | 'sessions', id: string): string =>
  `SELECT 1 FROM ${table} WHERE id = ${pg.escapeLiteral(id)} FOR UPDATE`;
const sidOf = (access: string): string => String(decoded(access).claims['sid']);

/** Starts both while the row is held, the first before the second in its queue; then both go on. */
async function queued<A, B>(row: string, first: () => Promise<A>, second: () => Promise<B>): Promise<[A, B]> {
  const [one, other] = await HeldLock.during(app.database.url, row, async (lock) => {
    const begun = first();
    await lock.waiters(1);
    const next = second();
    await lock.waiters(2);
    return [begun, next] as const;
  });
  return Promise.all([one, other]);
}

/** What shuts a user out. */
const SHUT_OUT: readonly [string, (id: string) => Promise<Reply>][] = [
  ['disabling', (id) => patch(id, { disabled: true })],
  ['deletion', (id) => remove(id)],
];

describe.each(SHUT_OUT)('sign-in and %s at once', (_name, shutOut) => {
  it('shut out first → the sign-in is refused', async () => {
    const { id, email } = await app.factory.aUser();
    const [done, entered] = await queued(
      rowOf('users', id),
      () => shutOut(id),
      () => tryIn(email),
    );
    expect([done.status < 300, entered.status, await liveSessions(id)]).toEqual([true, 400, 0]);
  });

  it('let in first → the session ends with the user', async () => {
    const { id, email } = await app.factory.aUser();
    const [entered, done] = await queued(
      rowOf('users', id),
      () => tryIn(email),
      () => shutOut(id),
    );
    expect([done.status < 300, entered.status, await liveSessions(id)]).toEqual([true, 200, 0]);
    expect((await app.client.get('/protected', { as: entered.body.access_token })).status).toBe(401);
    expect((await refresh(app, entered.body.refresh_token)).status).toBe(400);
  });

  it('10 times, four sign-ins each, as it comes → no session of the user is ever left', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id, email } = await app.factory.aUser();
      const early = [tryIn(email), tryIn(email)];
      if (round % 2 === 0) await Promise.race(early);
      const [, ...entered] = await Promise.all([shutOut(id), ...early, tryIn(email), tryIn(email)]);
      expect(await liveSessions(id)).toBe(0);
      for (const { status, body } of entered.filter((reply) => reply.status !== 400)) {
        expect(status).toBe(200);
        expect((await app.client.get('/protected', { as: body.access_token })).status).toBe(401);
      }
    }
  });
});

describe('sign-in by the old password and its change at once', () => {
  it('changed first → the old password is refused', async () => {
    const user = await app.factory.signedIn();
    const [changed, entered] = await queued(
      rowOf('users', user.id),
      () => changePassword(user.token),
      () => tryIn(user.email),
    );
    expect([changed.status, entered.status, await liveSessions(user.id)]).toEqual([204, 400, 1]);
  });

  it('let in first → the session ends by the change', async () => {
    const user = await app.factory.signedIn();
    const [entered, changed] = await queued(
      rowOf('users', user.id),
      () => tryIn(user.email),
      () => changePassword(user.token),
    );
    expect([changed.status, entered.status, await liveSessions(user.id)]).toEqual([204, 200, 1]);
    expect((await app.client.get('/protected', { as: entered.body.access_token })).status).toBe(401);
    expect((await app.client.get('/protected', { as: user.token })).status).toBe(200);
  });

  it('10 times, four sign-ins each, as it comes → only the session that changed it is left', async () => {
    for (let round = 0; round < 10; round += 1) {
      const user = await app.factory.signedIn();
      const all = [
        tryIn(user.email),
        changePassword(user.token),
        tryIn(user.email),
        tryIn(user.email),
        tryIn(user.email),
      ];
      const statuses = (await Promise.all(all)).map(({ status }) => status);
      expect(statuses.filter((status) => ![200, 204, 400].includes(status))).toEqual([]);
      expect(await liveSessions(user.id)).toBe(1);
      expect((await app.client.get('/protected', { as: user.token })).status).toBe(200);
    }
  });

  it('two changes from one session → one 204, one 409, and the password of the first', async () => {
    const user = await app.factory.signedIn();
    const [first, second] = await queued(
      rowOf('users', user.id),
      () => changePassword(user.token, NEW),
      () => changePassword(user.token, 'another new one'),
    );
    expect([first.status, second.status, second.body.code]).toEqual([204, 409, 'conflict.concurrent_update']);
    await signIn(app, user.email, NEW);
  });
});

describe('sign-in and a harmless change at once', () => {
  it('another name while the password is being checked → let in', async () => {
    const { id, email } = await app.factory.aUser();
    const [changed, entered] = await queued(
      rowOf('users', id),
      () => patch(id, { name: 'Another' }),
      () => tryIn(email),
    );
    expect([changed.status, entered.status]).toEqual([200, 200]);
  });

  it('another role while the password is being checked → let in with the new role', async () => {
    const { id, email } = await app.factory.aUser();
    const [, entered] = await queued(
      rowOf('users', id),
      () => patch(id, { roles: ['analyst'] }),
      () => tryIn(email),
    );
    expect(decoded(entered.body.access_token).claims['roles']).toEqual(['customer', 'analyst']);
    expect((await app.client.get('/protected', { as: entered.body.access_token })).status).toBe(200);
  });
});

describe('refresh and the end of its session at once', () => {
  it('ended first → the refresh is refused', async () => {
    const pair = await signIn(app, (await app.factory.aUser()).email);
    const end = (): Promise<Reply> => app.client.delete('/auth/sessions', { as: pair.access });
    const [, refreshed] = await queued(rowOf('sessions', sidOf(pair.access)), end, () => refresh(app, pair.refresh));
    expect(refreshed.status).toBe(400);
  });

  it('refreshed first → the new pair is dead', async () => {
    const pair = await signIn(app, (await app.factory.aUser()).email);
    const end = (): Promise<Reply> => app.client.delete('/auth/sessions', { as: pair.access });
    const [refreshed] = await queued(rowOf('sessions', sidOf(pair.access)), () => refresh(app, pair.refresh), end);
    expect(refreshed.status).toBe(200);
    expect((await app.client.get('/protected', { as: refreshed.body.access_token })).status).toBe(401);
    expect((await refresh(app, refreshed.body.refresh_token)).status).toBe(400);
  });

  it('the user is being changed → the refresh waits without holding its session, so no deadlock can be', async () => {
    const user = await app.factory.aUser();
    const pair = await signIn(app, user.email);
    const [waiting] = await HeldLock.during(app.database.url, rowOf('users', user.id), async (lock) => {
      const begun = refresh(app, pair.refresh);
      await lock.waiters(1);
      await lock.query(`${rowOf('sessions', sidOf(pair.access))} NOWAIT`);
      return [begun];
    });
    expect((await waiting)?.status).toBe(200);
  });
});

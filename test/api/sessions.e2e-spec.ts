import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectQueries, queriesOf } from '../support/queries.js';
import type { Reply } from '../support/api-client.js';
import { TestApp } from '../support/test-app.js';
import { decoded, INVALID_GRANT, passwordGrant, pairOf, refresh, signIn } from '../support/tokens.js';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

const sidOf = (token: string): string => String(decoded(token).claims['sid']);
const idsOf = ({ body }: Reply): string[] => body.data.map(({ id }: { id: string }) => id);

/** A user with `count` sessions, the oldest first. */
async function aUserWithSessions(count: number) {
  const user = await app.factory.aUser();
  const sessions = [];
  for (let n = 0; n < count; n += 1) sessions.push(await app.factory.session(user));
  return { user, sessions, tokens: sessions.map(({ token }) => token) };
}

async function statusesOf(tokens: readonly string[]): Promise<number[]> {
  return Promise.all(tokens.map(async (as) => (await app.client.get('/protected', { as })).status));
}

describe('GET /auth/sessions', () => {
  it('two sign-ins → both with agent, address and times, newest first, the asking one marked', async () => {
    const { email } = await app.factory.aUser();
    const startedAt = Date.now();
    const asked = (agent: string): Promise<Reply> =>
      app.client.post('/auth/token', { body: passwordGrant(email), headers: { 'User-Agent': agent } });
    const [first, second] = [pairOf(await asked('old agent')), pairOf(await asked('new agent'))];
    const { body } = await app.client.get('/auth/sessions', { as: first.access });
    expect(body.page).toEqual({ limit: 20, nextCursor: null, hasMore: false });
    expect(body.data).toMatchObject([
      { id: sidOf(second.access), userAgent: 'new agent', ip: '127.0.0.1', current: false },
      { id: sidOf(first.access), userAgent: 'old agent', ip: '127.0.0.1', current: true },
    ]);
    for (const { createdAt, lastUsedAt, expiresAt } of body.data) {
      for (const time of [createdAt, lastUsedAt, expiresAt])
        expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(Date.parse(createdAt)).toBeGreaterThanOrEqual(startedAt - 1_000);
      expect(Date.parse(expiresAt) - Date.parse(lastUsedAt)).toBe(30 * 24 * 3_600_000);
    }
  });

  it('a user agent of 1,000 characters → 256 of them', async () => {
    const body = passwordGrant((await app.factory.aUser()).email);
    const { access } = pairOf(
      await app.client.post('/auth/token', { body, headers: { 'User-Agent': 'x'.repeat(1_000) } }),
    );
    expect((await app.client.get('/auth/sessions', { as: access })).body.data[0].userAgent).toBe('x'.repeat(256));
  });

  it('sessions of others, ended and expired ones → not in the list', async () => {
    const { sessions, tokens } = await aUserWithSessions(3);
    await aUserWithSessions(1);
    const [ended, expired, current] = sessions;
    await app.dataSource.query('UPDATE sessions SET revoked_at = now() WHERE id = $1', [ended?.sessionId]);
    await app.dataSource.query('UPDATE sessions SET expires_at = now() WHERE id = $1', [expired?.sessionId]);
    expect(idsOf(await app.client.get('/auth/sessions', { as: tokens[2] }))).toEqual([current?.sessionId]);
  });

  it('five sessions by twos → each once, newest first, and the last page says so', async () => {
    const { sessions, tokens } = await aUserWithSessions(5);
    const seen: string[] = [];
    let path: string | undefined = '/auth/sessions?limit=2';
    for (let pages = 0; path !== undefined && pages < 9; pages += 1) {
      const reply: Reply = await app.client.get(path, { as: tokens[0] });
      seen.push(...idsOf(reply));
      const { nextCursor, hasMore } = reply.body.page;
      expect(hasMore).toBe(nextCursor !== null);
      path = nextCursor === null ? undefined : `/auth/sessions?limit=2&cursor=${nextCursor}`;
    }
    expect(seen).toEqual(sessions.map(({ sessionId }) => sessionId).toReversed());
  });

  it('three sessions by ones with Prefer: return=total-count → three in all', async () => {
    const { tokens } = await aUserWithSessions(3);
    const asked = { as: tokens[0], headers: { Prefer: 'return=total-count' } };
    const { body, headers } = await app.client.get('/auth/sessions?limit=1', asked);
    expect([body.page.total, headers['preference-applied']]).toEqual([3, 'return=total-count']);
  });

  it('the cursor of another user → 422 cursor.invalid', async () => {
    const [mine, theirs] = [await aUserWithSessions(2), await aUserWithSessions(2)];
    const { nextCursor } = (await app.client.get('/auth/sessions?limit=1', { as: theirs.tokens[0] })).body.page;
    const reply = await app.client.get(`/auth/sessions?limit=1&cursor=${nextCursor}`, { as: mine.tokens[0] });
    expect([reply.status, reply.body.code]).toEqual([422, 'cursor.invalid']);
  });

  it('1 and 20 sessions → one query', async () => {
    for (const count of [1, 20]) {
      const { tokens } = await aUserWithSessions(count);
      expectQueries(await app.client.get('/auth/sessions', { as: tokens[0] }), 1);
    }
  });
});

describe('DELETE /auth/sessions/{id}', () => {
  it('another session of oneself → 204, its tokens are dead at once, this one lives', async () => {
    const { email } = await app.factory.aUser();
    const [current, other] = [await signIn(app, email), await signIn(app, email)];
    const reply = await app.client.delete(`/auth/sessions/${sidOf(other.access)}`, { as: current.access });
    expect([reply.status, reply.text]).toEqual([204, '']);
    expect(await statusesOf([other.access, current.access])).toEqual([401, 200]);
    expect((await refresh(app, other.refresh)).text).toBe(INVALID_GRANT);
    expect(idsOf(await app.client.get('/auth/sessions', { as: current.access }))).toEqual([sidOf(current.access)]);
  });

  it('the session that asks → 204, then 401 with the challenge of a dead token', async () => {
    const { sessions, tokens } = await aUserWithSessions(1);
    expect((await app.client.delete(`/auth/sessions/${sessions[0]?.sessionId}`, { as: tokens[0] })).status).toBe(204);
    const reply = await app.client.get('/protected', { as: tokens[0] });
    expect([reply.status, reply.headers['www-authenticate']]).toEqual([401, 'Bearer error="invalid_token"']);
  });

  it('a session of somebody else, one that never was, one that has ended → 404, word for word the same', async () => {
    const mine = await aUserWithSessions(2);
    const theirs = await aUserWithSessions(1);
    const ended = mine.sessions[1]?.sessionId;
    expect((await app.client.delete(`/auth/sessions/${ended}`, { as: mine.tokens[0] })).status).toBe(204);
    const ids = [theirs.sessions[0]?.sessionId, '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11', ended];
    const answers = await Promise.all(
      ids.map((id) => app.client.delete(`/auth/sessions/${id}`, { as: mine.tokens[0] })),
    );
    const told = answers.map(({ status, body: { requestId: _r, instance: _i, ...problem } }) => ({
      status,
      ...problem,
    }));
    expect(told[0]).toMatchObject({ status: 404, code: 'session.not_found' });
    expect([told[1], told[2]]).toEqual([told[0], told[0]]);
    expect(await statusesOf(theirs.tokens)).toEqual([200]);
  });

  it('an admin and a session of somebody else → 404 here', async () => {
    const theirs = await aUserWithSessions(1);
    const { token } = await app.factory.admin();
    expect((await app.client.delete(`/auth/sessions/${theirs.sessions[0]?.sessionId}`, { as: token })).status).toBe(
      404,
    );
    expect(await statusesOf(theirs.tokens)).toEqual([200]);
  });

  it('an id that is no UUID → 422', async () => {
    const { tokens } = await aUserWithSessions(1);
    expect((await app.client.delete('/auth/sessions/me', { as: tokens[0] })).status).toBe(422);
  });
});

describe('DELETE /auth/sessions', () => {
  it('three sessions → 204, all dead, this one too; the sessions of others live', async () => {
    const [mine, theirs] = [await aUserWithSessions(3), await aUserWithSessions(1)];
    const reply = await app.client.delete('/auth/sessions', { as: mine.tokens[1] });
    expect([reply.status, reply.text]).toEqual([204, '']);
    expect(await statusesOf([...mine.tokens, ...theirs.tokens])).toEqual([401, 401, 401, 200]);
  });

  it('70,000 sessions, more than a statement has parameters → all end', async () => {
    const { user, tokens } = await aUserWithSessions(1);
    await app.dataSource.query(
      `INSERT INTO sessions (id, user_id, last_used_at, expires_at)
       SELECT gen_random_uuid(), $1, now(), now() + interval '1 day' FROM generate_series(1, 70000)`,
      [user.id],
    );
    expect((await app.client.delete('/auth/sessions', { as: tokens[0] })).status).toBe(204);
    const left = await app.dataSource.query('SELECT 1 FROM sessions WHERE user_id = $1 AND revoked_at IS NULL', [
      user.id,
    ]);
    expect(left).toEqual([]);
  });
});

describe('DELETE /users/{id}/sessions', () => {
  it('an admin → 204, all sessions of the user are dead, those of the admin live', async () => {
    const theirs = await aUserWithSessions(2);
    const { token } = await app.factory.admin();
    const reply = await app.client.delete(`/users/${theirs.user.id}/sessions`, { as: token });
    expect([reply.status, reply.text]).toEqual([204, '']);
    expect(await statusesOf([...theirs.tokens, token])).toEqual([401, 401, 200]);
  });

  it('a user without sessions, twice → 204', async () => {
    const { id } = await app.factory.aUser();
    const { token } = await app.factory.admin();
    for (let n = 0; n < 2; n += 1)
      expect((await app.client.delete(`/users/${id}/sessions`, { as: token })).status).toBe(204);
  });

  it('an unknown user → 404 user.not_found', async () => {
    const reply = await app.client.delete('/users/01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11/sessions', {
      as: (await app.factory.admin()).token,
    });
    expect([reply.status, reply.body.code]).toEqual([404, 'user.not_found']);
  });

  it('a customer or an analyst, for others and for himself → 403, whether or not the user exists', async () => {
    const theirs = await aUserWithSessions(1);
    for (const { id, token } of [await app.factory.signedIn(), await app.factory.analyst()]) {
      for (const target of [id, theirs.user.id, '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11']) {
        const reply = await app.client.delete(`/users/${target}/sessions`, { as: token });
        expect([reply.status, reply.body.code]).toEqual([403, 'auth.forbidden']);
      }
    }
    expect(await statusesOf(theirs.tokens)).toEqual([200]);
  });
});

describe('the cost of a session', () => {
  it('a request with a token → no query for its session', async () => {
    const { tokens } = await aUserWithSessions(1);
    expect(queriesOf(await app.client.get('/protected', { as: tokens[0] }))).toBe(1);
  });

  it('a request with the token of an ended session → refused without a query', async () => {
    const { tokens } = await aUserWithSessions(1);
    await app.client.delete('/auth/sessions', { as: tokens[0] });
    const reply = await app.client.get('/protected', { as: tokens[0] });
    expect([reply.status, queriesOf(reply)]).toEqual([401, 0]);
  });
});

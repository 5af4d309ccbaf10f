import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REFRESH_TOKEN_MS } from '../../apps/api/src/auth/session.js';
import type { User } from '../../apps/api/src/users/index.js';
import { TestApp } from '../support/test-app.js';
import { decoded, INVALID_GRANT, type Pair, pairOf, refresh, signIn } from '../support/tokens.js';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

async function aPair(members: Partial<User> = {}): Promise<Pair> {
  return signIn(app, (await app.factory.aUser(members)).email);
}

function sidOf({ access }: Pair): string {
  return String(decoded(access).claims['sid']);
}

async function rotated({ refresh: token }: Pair): Promise<Pair> {
  return pairOf(await refresh(app, token));
}

/** Moves the moment at which the spent tokens of the family were spent into the past. */
async function ageSpent(pair: Pair, seconds: number): Promise<void> {
  await app.dataSource.query(
    `UPDATE refresh_tokens SET spent_at = spent_at - make_interval(secs => $2) WHERE session_id = $1 AND spent_at IS NOT NULL`,
    [sidOf(pair), seconds],
  );
}

async function refused(token: string): Promise<void> {
  const reply = await refresh(app, token);
  expect([reply.status, reply.text]).toEqual([400, INVALID_GRANT]);
}

async function familyEnded(...pairs: readonly Pair[]): Promise<void> {
  for (const pair of pairs) {
    await refused(pair.refresh);
    expect((await app.client.get('/protected', { as: pair.access })).status).toBe(401);
  }
}

describe('rotation', () => {
  it('a chain of refreshes → one session, of whose tokens each new one works', async () => {
    const first = await aPair();
    let pair = first;
    for (let n = 0; n < 5; n += 1) pair = await rotated(pair);
    expect(sidOf(pair)).toBe(sidOf(first));
    expect((await app.client.get('/protected', { as: pair.access })).status).toBe(200);
    expect((await app.client.get('/auth/sessions', { as: pair.access })).body.data).toHaveLength(1);
  });

  it('a refresh → the session is used now and lives 30 days from now; the access token before stays good', async () => {
    const before = await aPair();
    await app.dataSource.query(
      `UPDATE sessions SET last_used_at = now() - interval '3 days', expires_at = now() + interval '27 days' WHERE id = $1`,
      [sidOf(before)],
    );
    const startedAt = Date.now();
    await rotated(before);
    const [session] = (await app.client.get('/auth/sessions', { as: before.access })).body.data;
    const usedAt = Date.parse(session.lastUsedAt);
    expect(usedAt).toBeGreaterThanOrEqual(startedAt);
    expect(usedAt).toBeLessThanOrEqual(Date.now());
    expect(Date.parse(session.expiresAt) - usedAt).toBe(REFRESH_TOKEN_MS);
    expect(REFRESH_TOKEN_MS).toBe(30 * 24 * 60 * 60 * 1_000);
  });

  it('an unspent token at the end of its 30 days → refused, and the session is not counted as attacked', async () => {
    const pair = await aPair();
    await app.dataSource.query('UPDATE refresh_tokens SET expires_at = now() WHERE session_id = $1', [sidOf(pair)]);
    await refused(pair.refresh);
    expect((await app.client.get('/protected', { as: pair.access })).status).toBe(200);
  });
});

describe('the token before, within 10 s', () => {
  it('used once more → a further pair of the same family, and both pairs go on', async () => {
    const first = await aPair();
    const second = await rotated(first);
    const further = await rotated(first);
    expect(sidOf(further)).toBe(sidOf(second));
    expect(further.refresh).not.toBe(second.refresh);
    for (const pair of [second, further]) {
      expect((await app.client.get('/protected', { as: pair.access })).status).toBe(200);
      await rotated(await rotated(pair));
    }
  });

  it('9 s after it was spent → still answered', async () => {
    const first = await aPair();
    await rotated(first);
    await ageSpent(first, 9);
    await rotated(first);
  });

  it('a pair given in grace has rotated → its own token before is tolerated as well', async () => {
    const first = await aPair();
    await rotated(first);
    const further = await rotated(first);
    await rotated(further);
    await rotated(further);
  });

  it('20 refreshes of one token at once → 20 pairs of one family, each different, each alive', async () => {
    const first = await aPair();
    const pairs = await Promise.all(Array.from({ length: 20 }, () => rotated(first)));
    expect(new Set(pairs.map(sidOf))).toEqual(new Set([sidOf(first)]));
    expect(new Set(pairs.map((pair) => pair.refresh)).size).toBe(20);
    const next = await Promise.all(pairs.map(rotated));
    expect(new Set(next.map((pair) => pair.refresh)).size).toBe(20);
  });
});

describe('reuse', () => {
  it('a token older than the one before, at once → the family ends', async () => {
    const first = await aPair();
    const second = await rotated(first);
    const third = await rotated(second);
    await refused(first.refresh);
    await familyEnded(first, second, third);
  });

  it('the token before, 10 s after it was spent → the family ends, its access tokens too', async () => {
    const first = await aPair();
    const second = await rotated(first);
    await ageSpent(first, 10.001);
    await refused(first.refresh);
    await familyEnded(second);
  });

  it('the token before of one chain, after its grace → the other chain ends with it', async () => {
    const first = await aPair();
    const second = await rotated(first);
    const further = await rotated(first);
    const furtherNext = await rotated(further);
    await ageSpent(first, 11);
    await refused(further.refresh);
    await familyEnded(second, furtherNext);
  });

  it('a family has ended by reuse → other sessions of the user live', async () => {
    const { email } = await app.factory.aUser();
    const [attacked, other] = [await signIn(app, email), await signIn(app, email)];
    await rotated(attacked);
    await ageSpent(attacked, 11);
    await refused(attacked.refresh);
    await rotated(other);
    expect((await app.client.get('/protected', { as: other.access })).status).toBe(200);
  });

  it('reuse → a warning in the log that names the session', async () => {
    const first = await aPair();
    await rotated(first);
    await ageSpent(first, 11);
    const reply = await refresh(app, first.refresh);
    const warnings = app.log.of(reply.headers['x-request-id']).filter(({ level }) => level === 'warn');
    expect(warnings).toEqual([expect.objectContaining({ module: 'TokensService', session: sidOf(first) })]);
  });

  it('20 reuses at once → all refused alike', async () => {
    const first = await aPair();
    const second = await rotated(first);
    await ageSpent(first, 11);
    await Promise.all(Array.from({ length: 20 }, () => refused(first.refresh)));
    await familyEnded(second);
  });
});

describe('the user changes', () => {
  const change = (id: string, body: object, as: string): Promise<unknown> =>
    app.client.patch(`/users/${id}`, { as, body, headers: { 'If-Match': '*' } });

  it.each<[string, (id: string, as: string) => Promise<unknown>]>([
    ['disabled', (id, as) => change(id, { disabled: true }, as)],
    ['given another role', (id, as) => change(id, { roles: ['customer', 'analyst'] }, as)],
    ['deleted', (id, as) => app.client.delete(`/users/${id}`, { as, headers: { 'If-Match': '*' } })],
  ])('%s → refresh and access token are dead, of every session', async (_change, apply) => {
    const user = await app.factory.aUser();
    const pairs = [await signIn(app, user.email), await signIn(app, user.email)];
    await apply(user.id, (await app.factory.admin()).token);
    await familyEnded(...pairs);
  });

  it.each([
    ['another name', { name: 'Another' }],
    ['the roles and state he has', { roles: ['customer'], disabled: false }],
  ])('%s → his sessions live', async (_change, body) => {
    const user = await app.factory.aUser();
    const pair = await signIn(app, user.email);
    await change(user.id, body, (await app.factory.admin()).token);
    await rotated(pair);
  });

  it('given another role, then signed in again → the new token carries it', async () => {
    const user = await app.factory.aUser();
    await change(user.id, { roles: ['analyst'] }, (await app.factory.admin()).token);
    expect(decoded((await signIn(app, user.email)).access).claims['roles']).toEqual(['customer', 'analyst']);
  });
});

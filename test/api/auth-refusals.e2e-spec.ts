import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { User } from '../../apps/api/src/users/index.js';
import { queriesOf } from '../support/queries.js';
import { PASSWORD } from '../support/factory.js';
import { withoutLimits } from '../support/limits.js';
import { TestApp } from '../support/test-app.js';
import { asForm, decoded, INVALID_GRANT, passwordGrant, refresh, refreshGrant, signIn } from '../support/tokens.js';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

const WRONG = 'not the right password';
const disabled = (): Promise<User> => app.factory.aUser({ disabled: true });
const deleted = (): Promise<User> => app.factory.aUser({ deletedAt: new Date() });

/** Password grants that must not be told apart. */
const BAD_CREDENTIALS: readonly [string, () => Promise<Record<string, string>>][] = [
  ['a wrong password', async () => passwordGrant((await app.factory.aUser()).email, WRONG)],
  ['an unknown user', async () => passwordGrant('nobody@example.com')],
  ['a disabled user with the right password', async () => passwordGrant((await disabled()).email)],
  ['a disabled user with a wrong password', async () => passwordGrant((await disabled()).email, WRONG)],
  ['a deleted user with the right password', async () => passwordGrant((await deleted()).email)],
  [
    'the right password with a blank behind',
    async () => passwordGrant((await app.factory.aUser()).email, `${PASSWORD} `),
  ],
  [
    'the right password in capitals',
    async () => passwordGrant((await app.factory.aUser()).email, PASSWORD.toUpperCase()),
  ],
  ['a NUL in the username', async () => passwordGrant(`${(await app.factory.aUser()).email}\0`)],
  ['a NUL in the password', async () => passwordGrant((await app.factory.aUser()).email, `${PASSWORD}\0`)],
  ['half a surrogate pair in the username', async () => passwordGrant('a\ud800@example.com')],
  ['a blank username', async () => passwordGrant('  ')],
  ['a username of 50,000 characters', async () => passwordGrant('x'.repeat(50_000))],
  ['a pattern for a username', async () => passwordGrant('%@example.com')],
  ['SQL for a username', async () => passwordGrant(`' OR '1'='1' --`)],
];

/** Refresh tokens that are dead, each for another reason. */
const DEAD_TOKENS: readonly [string, () => Promise<string>][] = [
  ['an unknown token', async () => 'x'.repeat(43)],
  ['a token with a NUL', async () => `${(await signIn(app, (await app.factory.aUser()).email)).refresh}\0`],
  ['an access token', async () => (await signIn(app, (await app.factory.aUser()).email)).access],
  ['an expired token', () => tokenAfter(`UPDATE refresh_tokens SET expires_at = now() WHERE session_id = $1`)],
  [
    'a token that was spent long ago',
    () => tokenAfter(`UPDATE refresh_tokens SET spent_at = now() - interval '1 day' WHERE session_id = $1`),
  ],
  ['a token of an ended session', () => tokenAfter('UPDATE sessions SET revoked_at = now() WHERE id = $1')],
  [
    'a token of a disabled user',
    () => tokenAfter('UPDATE users SET disabled = true WHERE id = (SELECT user_id FROM sessions WHERE id = $1)'),
  ],
  [
    'a token of a deleted user',
    () => tokenAfter('UPDATE users SET deleted_at = now() WHERE id = (SELECT user_id FROM sessions WHERE id = $1)'),
  ],
];

/** A genuine refresh token, then a statement about its session `$1`. */
async function tokenAfter(statement: string): Promise<string> {
  const { access, refresh: token } = await signIn(app, (await app.factory.aUser()).email);
  await app.dataSource.query(statement, [decoded(access).claims['sid']]);
  return token;
}

describe('refused grants', () => {
  it.each([
    ...BAD_CREDENTIALS,
    ...DEAD_TOKENS.map(([name, make]) => [name, async () => refreshGrant(await make())] as const),
  ])('%s → the one answer, to the byte, for form and JSON', async (_situation, make) => {
    const fields = await make();
    for (const ask of [{ body: fields }, asForm(fields)]) {
      const reply = await app.client.post('/auth/token', ask);
      expect({ status: reply.status, text: reply.text }).toEqual({ status: 400, text: INVALID_GRANT });
      expect(telling(reply.headers)).toEqual({
        'content-type': 'application/json; charset=utf-8',
        'content-length': String(INVALID_GRANT.length),
        'cache-control': 'no-store',
        ...FOR_BROWSERS,
      });
    }
  });

  it('wrong, unknown, disabled, deleted → the same number of queries in Server-Timing', async () => {
    const counts: number[] = [];
    for (const [, make] of BAD_CREDENTIALS.slice(0, 5)) {
      counts.push(queriesOf(await app.client.post('/auth/token', { body: await make() })));
    }
    expect(counts).toEqual([1, 1, 1, 1, 1]);
  });

  it('unknown, disabled, deleted users, a NUL → the work of a wrong password, give or take a third', async () => {
    const cases = [0, 1, 2, 4, 7].flatMap((index) => BAD_CREDENTIALS.slice(index, index + 1));
    const total = new Map(cases.map(([name]) => [name, 0]));
    for (let round = 0; round < 12; round += 1) {
      for (const [name, make] of cases) {
        const body = await make();
        const before = process.cpuUsage();
        await app.client.post('/auth/token', { body });
        const { user, system } = process.cpuUsage(before);
        total.set(name, (total.get(name) ?? 0) + user + system);
      }
    }
    const reference = total.get('a wrong password') ?? 0;
    const shares = Object.fromEntries([...total].map(([name, spent]) => [name, spent / reference]));
    for (const share of Object.values(shares)) {
      expect(share).toBeGreaterThan(0.67);
      expect(share).toBeLessThan(1.5);
    }
  });
});

describe('the username', () => {
  it.each([
    ['in other case', (email: string) => email.toUpperCase()],
    ['with spaces around', (email: string) => `  ${email}\t`],
  ])('%s → lets in', async (_situation, spell) => {
    const { email } = await app.factory.aUser();
    expect((await app.client.post('/auth/token', { body: passwordGrant(spell(email)) })).status).toBe(200);
  });

  it('a new account with the address of a deleted one → its own password alone lets in', async () => {
    const gone = await app.factory.aUser({ deletedAt: new Date() });
    const body = { name: 'Second', email: gone.email, password: 'of the second user' };
    expect((await app.client.post('/users', { body })).status).toBe(201);
    expect((await app.client.post('/auth/token', { body: passwordGrant(gone.email) })).text).toBe(INVALID_GRANT);
    const { access } = await signIn(app, gone.email, body.password);
    expect(decoded(access).claims['sub']).not.toBe(gone.id);
  });
});

describe('the password', () => {
  it('the same text in another Unicode form → lets in', async () => {
    const body = { name: 'Zoë', email: 'zoe@example.com', password: 'caf\u00e9 cr\u00e8me' };
    expect((await app.client.post('/users', { body })).status).toBe(201);
    await expect(signIn(app, body.email, body.password.normalize('NFD'))).resolves.toMatchObject({
      access: expect.any(String),
    });
  });
});

describe('a user who was let in', () => {
  it('disabled, then enabled again → the old refresh token stays dead', async () => {
    const admin = await app.factory.admin();
    const user = await app.factory.aUser();
    const pair = await signIn(app, user.email);
    for (const change of [{ disabled: true }, { disabled: false }]) {
      const reply = await app.client.patch(`/users/${user.id}`, {
        as: admin.token,
        body: change,
        headers: { 'If-Match': '*' },
      });
      expect(reply.status).toBe(200);
    }
    expect((await refresh(app, pair.refresh)).text).toBe(INVALID_GRANT);
    expect((await app.client.get('/protected', { as: pair.access })).status).toBe(401);
  });
});

/** What every answer says. */
const FOR_BROWSERS = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Headers that could tell one refusal from another. */
function telling(headers: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  const {
    date: _d,
    connection: _c,
    'keep-alive': _k,
    'x-request-id': _x,
    'server-timing': _s,
    ...rest
  } = withoutLimits(headers);
  return rest;
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@app/database';
import type { Reply } from '../support/api-client.js';
import { AttemptLimit } from '@app/throttling';
import { Session } from '../../apps/api/src/auth/index.js';
import { HeldLock } from '../support/held-lock.js';
import { limitOf } from '../support/limits.js';
import { TestApp } from '../support/test-app.js';
import { INVALID_GRANT, pairOf, passwordGrant, refreshGrant } from '../support/tokens.js';
import { until } from '../support/waiting.js';

const WRONG = 'not the password';
const ALLOWED = 3;

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start({ LOGIN_MAX_FAILURES: String(ALLOWED), TRUST_PROXY: '1' });
});
afterAll(() => app.stop());

const HERE = '192.0.2.1';
const ELSEWHERE = '192.0.2.2';

const signIn = (email: string, password?: string, address = HERE): Promise<Reply> =>
  app.client.post('/auth/token', { body: passwordGrant(email, password), headers: { 'X-Forwarded-For': address } });

async function failures(email: string, count = ALLOWED): Promise<void> {
  for (let failure = 0; failure < count; failure += 1) expect((await signIn(email, WRONG)).text).toBe(INVALID_GRANT);
}

const isLocked = ({ status, body }: Reply): boolean => status === 429 && body?.code === 'auth.locked';

describe('an account whose password is guessed', () => {
  it('after so many failures → locked, for the right password too, and without looking', async () => {
    const { email } = await app.factory.aUser();
    await failures(email);
    const reply = await signIn(email);
    expect(isLocked(reply)).toBe(true);
    expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    const wait = Number(reply.headers['retry-after']);
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(900);
    expect(limitOf(reply).policy).toBe('default');
    const [line] = app.log.of(reply.headers['x-request-id']).filter(({ message }) => message === 'request');
    expect(line?.['db_queries']).toBe(0);
  });

  it('there is no such account → the same answers', async () => {
    const [known, unknown] = [(await app.factory.aUser()).email, `${newId()}@example.com`];
    for (let attempt = 0; attempt < ALLOWED + 2; attempt += 1) {
      const [a, b] = [await signIn(known, WRONG), await signIn(unknown, WRONG)];
      const { requestId: _a, ...answerA } = a.body;
      const { requestId: _b, ...answerB } = b.body;
      expect([a.status, answerA]).toEqual([b.status, answerB]);
      expect(Object.keys(a.headers).toSorted()).toEqual(Object.keys(b.headers).toSorted());
      expect(isLocked(a)).toBe(attempt >= ALLOWED);
    }
  });

  it('from another address → not locked', async () => {
    const { email } = await app.factory.aUser();
    await failures(email);
    expect((await signIn(email, undefined, ELSEWHERE)).status).toBe(200);
    expect(isLocked(await signIn(email))).toBe(true);
  });

  it('written in capitals → the same account', async () => {
    const { email } = await app.factory.aUser();
    await failures(email.toUpperCase());
    expect(isLocked(await signIn(email))).toBe(true);
  });

  it('disabled, with the right password → a failure like others', async () => {
    const { email } = await app.factory.aUser({ disabled: true });
    for (let failure = 0; failure < ALLOWED; failure += 1) expect((await signIn(email)).text).toBe(INVALID_GRANT);
    expect(isLocked(await signIn(email))).toBe(true);
  });

  it('a success in between → the count begins again', async () => {
    const { email } = await app.factory.aUser();
    for (let round = 0; round < 3; round += 1) {
      await failures(email, ALLOWED - 1);
      expect((await signIn(email)).status).toBe(200);
    }
  });

  it('locked → a session that exists goes on, and renews', async () => {
    const { email } = await app.factory.aUser();
    const { refresh } = pairOf(await signIn(email));
    await failures(email);
    expect(isLocked(await signIn(email))).toBe(true);
    const headers = { 'X-Forwarded-For': HERE };
    expect((await app.client.post('/auth/token', { body: refreshGrant(refresh), headers })).status).toBe(200);
  });

  it('12 wrong passwords at the same time → no more refusals than allowed one after another', async () => {
    const { email } = await app.factory.aUser();
    const replies = await Promise.all(Array.from({ length: 12 }, () => signIn(email, WRONG)));
    expect(replies.filter(({ text }) => text === INVALID_GRANT)).toHaveLength(ALLOWED);
    expect(replies.filter(isLocked)).toHaveLength(12 - ALLOWED);
  });

  it('12 right passwords at the same time → all are let in', async () => {
    const { email } = await app.factory.aUser();
    const replies = await Promise.all(Array.from({ length: 12 }, () => signIn(email)));
    expect(replies.map(({ status }) => status)).toEqual(Array(12).fill(200));
  });

  it('the right password, and the account is locked while it is looked at → locked, and no session', async () => {
    const { id, email } = await app.factory.aUser();
    const [waiting] = await HeldLock.during(app.database.url, 'LOCK TABLE users', async (lock) => {
      const begun = signIn(email);
      await lock.waiters(1);
      const attempts = app.app.get(AttemptLimit);
      for (let failure = 0; failure <= ALLOWED; failure += 1) await attempts.fail(attempts.keyOf(email, HERE));
      return [begun];
    });
    expect(isLocked(await (waiting ?? signIn(email)))).toBe(true);
    expect(await app.dataSource.getRepository(Session).countBy({ userId: id })).toBe(0);
  });
});

describe('a lock', () => {
  it('its time has passed → the right password is let in', async () => {
    const short = await TestApp.start({ LOGIN_MAX_FAILURES: '1', LOGIN_WINDOW_S: '1' });
    try {
      const { email } = await short.factory.aUser();
      const attempt = (password?: string) => short.client.post('/auth/token', { body: passwordGrant(email, password) });
      const replies = [await attempt(WRONG), await attempt()];
      expect(replies.map(({ status }) => status)).toEqual([400, 429]);
      await until(async () => (await attempt()).status === 200);
    } finally {
      await short.stop();
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@app/database';
import { register } from 'prom-client';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { limitOf } from '../support/limits.js';
import { rawRequest } from '../support/raw-request.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/waiting.js';

const MAX = 5;
const ADDRESS_MAX = 12;

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start({
    RATE_LIMIT_MAX: String(MAX),
    RATE_LIMIT_ADDRESS_MAX: String(ADDRESS_MAX),
    TRUST_PROXY: '1',
  });
});
afterAll(() => app.stop());

let addresses = 0;

/** Each test asks from addresses of its own. */
function from(address = anAddress()): Record<string, string> {
  return { 'X-Forwarded-For': address };
}

function anAddress(): string {
  addresses += 1;
  return `198.51.${addresses >> 8}.${addresses & 255}`;
}

const me = ({ token }: SignedIn, headers = from()): Promise<Reply> =>
  app.client.get('/users/me', { as: token, headers });

/** A public route that does next to nothing. */
const anonymous = (headers: Record<string, string>): Promise<Reply> =>
  app.client.post('/auth/revoke', { body: { token: 'nobody knows it' }, headers });

const verdict = ({ status, body }: Reply): unknown[] => [status, body?.code, body?.policy];
const EXCEEDED = (policy: string) => [429, 'rate_limit.exceeded', policy];

async function times<T>(count: number, ask: () => Promise<T>): Promise<T[]> {
  const replies: T[] = [];
  for (let time = 0; time < count; time += 1) replies.push(await ask());
  return replies;
}

/** Uses up what the user has. */
async function spend(user: SignedIn): Promise<void> {
  const replies = await times(MAX, () => me(user));
  expect(replies.map(({ status }) => status)).toEqual(Array(MAX).fill(200));
}

describe('policy default', () => {
  it('more requests of a user than allowed → counted down, then 429 that says when to come back', async () => {
    const user = await app.factory.signedIn();
    const replies = await times(MAX + 2, () => me(user));
    expect(replies.map(({ status }) => status)).toEqual([...Array(MAX).fill(200), 429, 429]);
    const limits = replies.map(limitOf);
    expect(limits.map(({ remaining }) => remaining)).toEqual([4, 3, 2, 1, 0, 0, 0]);
    for (const { policy, quota, windowS, t } of limits) {
      expect([policy, quota, windowS]).toEqual(['default', MAX, 60]);
      expect(t).toBeGreaterThan(0);
      expect(t).toBeLessThanOrEqual(60);
    }
    const denied = replies.at(-1);
    expect(denied?.headers['retry-after']).toBe(String(limits.at(-1)?.t));
    expect(denied?.body).toMatchObject({ code: 'rate_limit.exceeded', status: 429, policy: 'default' });
    expect(replies[0]?.headers['retry-after']).toBeUndefined();
  });

  it('a user → one budget from all addresses, and none of another user', async () => {
    const [ada, bob] = [await app.factory.signedIn(), await app.factory.signedIn()];
    const headers = from();
    await times(MAX, () => me(ada, headers));
    expect(verdict(await me(ada))).toEqual(EXCEEDED('default'));
    expect(limitOf(await me(bob, headers)).remaining).toBe(MAX - 1);
  });

  it('anonymous → a budget for each address', async () => {
    const headers = from();
    const replies = await times(MAX + 1, () => anonymous(headers));
    expect(replies.map(({ status }) => status)).toEqual([...Array(MAX).fill(200), 429]);
    expect(replies.map((reply) => limitOf(reply).remaining)).toEqual([4, 3, 2, 1, 0, 0]);
    expect((await anonymous(from())).status).toBe(200);
  });

  it('50 requests at the same time → exactly the limit gets through', async () => {
    const user = await app.factory.signedIn();
    const replies = await Promise.all(Array.from({ length: 50 }, () => me(user)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(MAX);
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(50 - MAX);
  });

  it('routes → share one budget', async () => {
    const user = await app.factory.signedIn();
    await times(2, () => me(user));
    const reply = await app.client.get('/orders', { as: user.token, headers: from() });
    expect(limitOf(reply).remaining).toBe(MAX - 3);
  });
});

describe('policy address', () => {
  it.each([
    ['unknown paths', () => ({ method: 'GET', path: '/nowhere', ask: {} }), 404],
    ['bad tokens', () => ({ method: 'GET', path: '/users/me', ask: { as: 'x.y.z' } }), 401],
    ['wrong methods', () => ({ method: 'PUT', path: '/orders', ask: {} }), 405],
  ])('more %s than allowed → 429 that names it', async (_what, request, status) => {
    const headers = from();
    const { method, path, ask } = request();
    const replies = await times(ADDRESS_MAX + 1, () => app.client.send(method, path, { ...ask, headers }));
    expect(replies.map((reply) => reply.status)).toEqual([...Array(ADDRESS_MAX).fill(status), 429]);
    const denied = replies.at(-1);
    expect(denied?.body).toMatchObject({ code: 'rate_limit.exceeded', policy: 'address' });
    expect(limitOf({ headers: denied?.headers ?? {} })).toMatchObject({
      policy: 'address',
      quota: ADDRESS_MAX,
      windowS: 60,
      remaining: 0,
    });
    expect(denied?.headers['retry-after']).toBe(denied?.headers['x-ratelimit-reset']);
  });

  it('used up → everything from there is refused before it is looked at; from elsewhere it is not', async () => {
    const headers = from();
    const user = await app.factory.signedIn();
    await times(ADDRESS_MAX, () => app.client.get('/nowhere', { headers }));
    expect(verdict(await app.client.get('/nowhere', { headers }))).toEqual(EXCEEDED('address'));
    expect(verdict(await app.client.put('/orders', { headers }))).toEqual(EXCEEDED('address'));
    expect(verdict(await app.client.get('/users/me', { headers, as: 'x.y.z' }))).toEqual(EXCEEDED('address'));
    expect(verdict(await me(user, headers))).toEqual(EXCEEDED('address'));
    expect(limitOf(await me(user))).toMatchObject({ policy: 'default', remaining: MAX - 1 });
  });

  it('requests of signed-in users → count for their address, too', async () => {
    const headers = from();
    const users = await Promise.all(Array.from({ length: 4 }, () => app.factory.signedIn()));
    for (const user of users) await times(3, () => me(user, headers));
    expect(verdict(await me(await app.factory.signedIn(), headers))).toEqual(EXCEEDED('address'));
  });
});

describe('an IPv6 customer', () => {
  const remaining = async (address: string) => limitOf(await anonymous(from(address))).remaining;

  it('asks from several addresses of his /64 → one budget; the next /64 has its own', async () => {
    expect(await remaining('2001:db8:0:1::1')).toBe(4);
    expect(await remaining('2001:0DB8:0000:0001:ffff:ffff:ffff:ffff')).toBe(3);
    expect(await remaining('2001:db8:0:2::1')).toBe(4);
  });

  it('is an IPv4 one in IPv6 notation → the budget of the IPv4 address', async () => {
    expect(await remaining('203.0.113.7')).toBe(4);
    expect(await remaining('::ffff:203.0.113.7')).toBe(3);
    expect(await remaining('::ffff:cb00:7107')).toBe(2);
    expect(await remaining('203.0.113.8')).toBe(4);
  });
});

describe('the order of checks', () => {
  it('the budget of the user used up → 401, 403, 404 and 405 as before; 429 before Accept, query and body', async () => {
    const user = await app.factory.signedIn();
    await spend(user);
    const ask = { as: user.token, headers: from() };
    expect((await app.client.get('/users', ask)).status).toBe(403);
    expect((await app.client.get('/users/me', { ...ask, as: `${user.token}x` })).status).toBe(401);
    expect((await app.client.get('/nowhere', ask)).status).toBe(404);
    expect((await app.client.put('/orders', ask)).status).toBe(405);
    const html = { ...ask, headers: { ...from(), Accept: 'text/html' } };
    expect(verdict(await app.client.get('/users/me', html))).toEqual(EXCEEDED('default'));
    expect(verdict(await app.client.get('/orders?limit=x', ask))).toEqual(EXCEEDED('default'));
    expect(verdict(await app.client.post('/orders', { ...ask, body: '{' }))).toEqual(EXCEEDED('default'));
    expect(verdict(await app.client.get(`/orders/${newId()}`, ask))).toEqual(EXCEEDED('default'));
  });
});

describe('what an answer costs', () => {
  /** What is left of the user after the request. */
  async function costOf(ask: (user: SignedIn) => Promise<Reply>): Promise<[number, number]> {
    const user = await app.factory.signedIn();
    const reply = await ask(user);
    expect(limitOf(reply).policy).toBe('default');
    return [reply.status, MAX - 1 - limitOf(await me(user)).remaining];
  }
  const call = (method: string, path: string, ask: object = {}) => {
    return ({ token }: SignedIn) => app.client.send(method, path, { as: token, headers: from(), ...ask });
  };

  it.each([
    [200, 1, call('GET', '/users/me')],
    [400, 1, call('POST', '/orders', { body: '{' })],
    [404, 1, call('GET', `/orders/${newId()}`)],
    [415, 1, call('POST', '/orders', { body: 'x', headers: { ...from('198.18.0.1'), 'Content-Type': 'text/plain' } })],
    [422, 1, call('GET', '/orders?limit=x')],
    [406, 1, call('GET', '/users/me', { headers: { ...from('198.18.0.1'), Accept: 'text/html' } })],
    [403, 0, call('GET', '/users')],
    [404, 0, call('GET', '/nowhere')],
    [405, 0, call('PUT', '/orders')],
    [401, 0, call('GET', '/users/me', { as: 'x.y.z' })],
  ])('%i → %i of the user, and the headers', async (status, cost, ask) => {
    const [answered, charged] = await costOf(ask);
    expect([answered, charged]).toEqual([status, cost]);
  });

  it('201 → the headers, and both budgets of the address', async () => {
    const headers = from();
    const body = { name: 'Ada', email: `${newId()}@example.com`, password: 'a password for tests' };
    const reply = await app.client.post('/users', { body, headers });
    expect([reply.status, limitOf(reply).remaining]).toEqual([201, MAX - 1]);
    await times(ADDRESS_MAX - 1, () => app.client.get('/nowhere', { headers }));
    expect(verdict(await app.client.get('/nowhere', { headers }))).toEqual(EXCEEDED('address'));
  });

  it('204 → the headers', async () => {
    const { token } = await app.factory.signedIn();
    const reply = await app.client.delete('/auth/sessions', { as: token, headers: from() });
    expect([reply.status, limitOf(reply).remaining]).toEqual([204, MAX - 1]);
  });

  it('304 → nothing, of neither budget, and the headers say so', async () => {
    const user = await app.factory.signedIn();
    const headers = from();
    const first = await me(user, headers);
    const again = { ...headers, 'If-None-Match': first.headers['etag'] ?? '' };
    const replies = await times(2 * ADDRESS_MAX, () => me(user, again));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([304]));
    expect(new Set(replies.map((reply) => limitOf(reply).remaining))).toEqual(new Set([MAX - 1]));
    expect(limitOf(await me(user, headers)).remaining).toBe(MAX - 2);
  });

  it('304 with an untouched budget → it is full, and nothing is to come back', async () => {
    const user = await app.factory.signedIn();
    const reply = await me(user, { ...from(), 'If-None-Match': '*' });
    expect(reply.status).toBe(304);
    expect(limitOf(reply)).toMatchObject({ remaining: MAX, t: 0 });
  });

  it('404 of a path → the headers tell of the anonymous budget', async () => {
    const headers = from();
    await times(2, () => anonymous(headers));
    expect(limitOf(await app.client.get('/nowhere', { headers })).remaining).toBe(MAX - 2);
    expect(limitOf(await app.client.get('/nowhere', { headers })).remaining).toBe(MAX - 2);
  });

  it.each(['/health/live', '/health/ready', '/problems', '/problems/rate_limit.exceeded', '/metrics', '/status.json'])(
    '%s → free, without headers of limits',
    async (target) => {
      const headers = from();
      const replies = await times(ADDRESS_MAX + 1, () => rawRequest(app.client, { target, headers }));
      expect(replies.some(({ status }) => status === 429)).toBe(false);
      const names = replies.flatMap((reply) => Object.keys(reply.headers));
      expect(names.filter((name) => name.includes('ratelimit'))).toEqual([]);
      expect((await app.client.get('/nowhere', { headers })).status).toBe(404);
    },
  );

  it('paths that only begin alike → counted', async () => {
    const reply = await rawRequest(app.client, { target: '/healthy', headers: from() });
    expect(limitOf(reply).remaining).toBe(MAX);
  });
});

describe('watching', () => {
  it('admitted and denied requests → counted by policy', async () => {
    const count = async (policy: string, outcome: string) => {
      const metric = await register.getSingleMetric('plinth_rate_limit_requests_total')?.get();
      return (
        metric?.values.find(({ labels }) => labels['policy'] === policy && labels['outcome'] === outcome)?.value ?? 0
      );
    };
    const before = await Promise.all([count('default', 'admitted'), count('default', 'denied')]);
    const user = await app.factory.signedIn();
    await times(MAX + 2, () => me(user));
    const after = await Promise.all([count('default', 'admitted'), count('default', 'denied')]);
    expect(after).toEqual([(before[0] ?? 0) + MAX, (before[1] ?? 0) + 2]);
  });
});

describe('a short window', () => {
  it('denied, then Retry-After has passed → admitted again', async () => {
    const short = await TestApp.start({ RATE_LIMIT_MAX: '2', RATE_LIMIT_WINDOW_S: '1' });
    try {
      const { token } = await short.factory.signedIn();
      const ask = () => short.client.get('/users/me', { as: token });
      const burst = await Promise.all([ask(), ask(), ask(), ask()]);
      expect(burst.filter(({ status }) => status === 429)).toHaveLength(2);
      expect(burst.find(({ status }) => status === 429)?.headers['retry-after']).toBe('1');
      await until(async () => (await ask()).status === 200);
    } finally {
      await short.stop();
    }
  });
});

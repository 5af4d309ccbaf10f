import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@app/database';
import type { Ask, Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { anItem } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';

const KEY = 'Idempotency-Key';
const ORDER = { currency: 'USD', items: [anItem()], note: null };

let app: TestApp;
let ada: SignedIn;
let admin: SignedIn;
let key: string;
beforeAll(async () => {
  app = await TestApp.start();
  [ada, admin] = await Promise.all([app.factory.signedIn(), app.factory.admin()]);
});
beforeEach(() => {
  key = newId();
});
afterAll(() => app.stop());

const isReplay = ({ headers }: Reply): boolean => headers['idempotent-replayed'] === 'true';
const verdict = ({ status, body }: Reply): unknown[] => [status, body?.code];
const place = (ask: Ask = {}) =>
  app.client.post('/orders', { as: ada.token, body: ORDER, headers: { [KEY]: key }, ...ask });

describe('what fails leaves the key free', () => {
  it.each<[string, Ask, unknown[]]>([
    ['refused input', { body: { currency: 'USD', items: [] } }, [422, 'request.invalid']],
    [
      'an order of free things',
      { body: { ...ORDER, items: [anItem({ unitPriceCents: 0 })] } },
      [422, 'request.invalid'],
    ],
    ['malformed JSON', { body: '{' }, [400, 'request.malformed']],
    ['half a surrogate pair', { body: '{"note":"\\ud800"}' }, [422, 'request.invalid']],
    ['nesting without end', { body: `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}` }, [422, 'request.invalid']],
  ])('%s', async (_situation, ask, refusal) => {
    expect(verdict(await place(ask))).toEqual(refusal);
    const reply = await place();
    expect([reply.status, isReplay(reply)]).toEqual([201, false]);
  });

  it('a state that forbids it, until it does not', async () => {
    const { id } = await app.factory.anOrder(ada.id);
    const refund = () =>
      app.client.post(`/orders/${id}/refunds`, {
        as: admin.token,
        body: { amountCents: 3_000, reason: 'Broken.' },
        headers: { [KEY]: key },
      });
    const early = await refund();
    await app.client.post(`/orders/${id}/payments`, { as: ada.token, body: { amountCents: 3_000, method: 'card' } });
    expect([early, await refund(), await refund()].map(verdict)).toEqual([
      [409, 'order.transition_not_allowed'],
      [201, undefined],
      [201, undefined],
    ]);
  });

  it('a thing that does not exist, or an email that is taken', async () => {
    const body = { name: 'Ann', email: ada.email, password: `of ann ${key}` };
    const refusals = [
      await app.client.post(`/orders/${newId()}/payments`, {
        as: ada.token,
        body: { amountCents: 1, method: 'card' },
        headers: { [KEY]: key },
      }),
      await app.client.post('/users', { body, headers: { [KEY]: key } }),
    ];
    expect(refusals.map(verdict)).toEqual([
      [404, 'order.not_found'],
      [409, 'user.email_taken'],
    ]);
    expect(await app.dataSource.query('SELECT FROM idempotency_keys WHERE key = $1', [key])).toEqual([]);
  });
});

describe('Prefer: return=minimal', () => {
  const minimal = { Prefer: 'return=minimal' };

  it('on what creates → 201 with Location and ETag, and no body', async () => {
    const { id } = await app.factory.anOrder(ada.id, { status: 'pending' });
    const user = { name: 'Ann', email: `${key}@example.com`, password: `of ann ${key}` };
    const replies = [
      await place({ headers: { [KEY]: key, ...minimal } }),
      await app.client.post('/users', { body: user, headers: minimal }),
      await app.client.post(`/orders/${id}/payments`, {
        as: ada.token,
        body: { amountCents: 3_000, method: 'card' },
        headers: minimal,
      }),
      await app.client.post(`/orders/${id}/refunds`, {
        as: admin.token,
        body: { amountCents: 1, reason: 'x' },
        headers: minimal,
      }),
    ];
    for (const { status, text, headers } of replies) {
      expect([status, text, headers['preference-applied']]).toEqual([201, '', 'return=minimal']);
      expect([headers['content-type'], headers['content-length']]).toEqual([undefined, '0']);
      expect(headers['vary']).toBe('Authorization, Accept, Prefer');
      const read = await app.client.get(String(headers['location']).replace('/api/v1', ''), { as: admin.token });
      expect([read.status, read.headers['etag']]).toEqual([200, headers['etag']]);
    }
  });

  it('on a repetition → decides about that answer alone', async () => {
    const first = await place({ headers: { [KEY]: key, ...minimal } });
    const whole = await place();
    const again = await place({ headers: { [KEY]: key, ...minimal } });
    expect([first.text, again.text, isReplay(whole), isReplay(again)]).toEqual(['', '', true, true]);
    expect(whole.body).toMatchObject({ userId: ada.id, currency: 'USD' });
    expect([whole.headers['etag'], whole.headers['location']]).toEqual([
      first.headers['etag'],
      first.headers['location'],
    ]);
    expect(whole.headers['preference-applied']).toBeUndefined();
  });

  it.each([
    'return=representation',
    'return=representation, return=minimal',
    'respond-async, x="return=minimal"',
    '=,;"',
    'return=MAXIMAL',
  ])('%s → the body, and nothing applied', async (prefer) => {
    const reply = await place({ headers: { [KEY]: key, Prefer: prefer } });
    expect([reply.status, reply.body.currency, reply.headers['preference-applied']]).toEqual([201, 'USD', undefined]);
  });

  it('on what is refused → the problem', async () => {
    expect(verdict(await place({ headers: { [KEY]: key, ...minimal }, body: {} }))).toEqual([422, 'request.invalid']);
  });
});

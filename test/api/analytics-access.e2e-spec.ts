import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@app/database';
import { RollupFolder } from '../../apps/api/src/analytics/rollups/rollup.folder.js';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { pointersOf } from '../support/orders.js';
import { queriesOf } from '../support/queries.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
let customer: SignedIn;
let analyst: SignedIn;
let admin: SignedIn;
let deleted: SignedIn;
beforeAll(async () => {
  app = await TestApp.start({ CACHE: 'off' });
  [customer, analyst, admin] = [await app.factory.signedIn(), await app.factory.analyst(), await app.factory.admin()];
  deleted = await app.factory.signedIn({ deletedAt: new Date() });
  await app.factory.anOrder(deleted.id, { status: 'paid' });
});
afterAll(() => app.stop());

const aggregate = (as?: SignedIn, query = '') => app.client.get(`/aggregate${query}`, { as: as?.token });
const analyse = (id: string, as?: SignedIn, query = '') =>
  app.client.get(`/users/${id}/analytics${query}`, { as: as?.token });
const outcome = ({ status, body }: Reply) => [status, body.code].join(' ').trim();

describe('GET /aggregate', () => {
  it.each<[who: string, expected: string, caller: () => SignedIn | undefined]>([
    ['an analyst', '200', () => analyst],
    ['an admin', '200', () => admin],
    ['a customer', '403 auth.forbidden', () => customer],
    ['nobody', '401 auth.token_missing', () => undefined],
  ])('%s → %s', async (_who, expected, caller) => {
    expect(outcome(await aggregate(caller()))).toBe(expected);
  });

  it('a disabled user → counts; a deleted one does not, yet his orders and their revenue do', async () => {
    const before = (await aggregate(admin)).body;
    await app.factory.aUser({ disabled: true });
    const gone = await app.factory.aUser({ deletedAt: new Date() });
    await app.factory.anOrder(gone.id, { status: 'paid', currency: 'XCG' });
    const { users, orders, revenue } = (await aggregate(admin)).body;
    expect([users, orders, revenue]).toEqual([before.users + 1, before.orders + 1, { ...before.revenue, XCG: 3_000 }]);
  });

  it('a query parameter → 422: it has none', async () => {
    expect(pointersOf(await aggregate(admin, '?currency=USD'))).toEqual(['query:currency']);
  });
});

describe('GET /users/{id}/analytics', () => {
  it.each<[whose: string, expected: string, id: () => string, caller: () => SignedIn | undefined]>([
    ['oneself', '200', () => customer.id, () => customer],
    ['oneself, in upper case', '200', () => customer.id.toUpperCase(), () => customer],
    ['another, as a customer', '404 user.not_found', () => analyst.id, () => customer],
    ['a user who is none, as a customer', '404 user.not_found', () => newId(), () => customer],
    ['anyone, as an analyst', '200', () => customer.id, () => analyst],
    ['anyone, as an admin', '200', () => customer.id, () => admin],
    ['a user who is none, as an analyst', '404 user.not_found', () => newId(), () => analyst],
    ['a user who is none, as an admin', '404 user.not_found', () => newId(), () => admin],
    ['a deleted user, as an analyst', '404 user.not_found', () => deleted.id, () => analyst],
    ['a deleted user, as an admin', '200', () => deleted.id, () => admin],
    ['oneself, without a token', '401 auth.token_missing', () => customer.id, () => undefined],
  ])('%s → %s', async (_whose, expected, id, caller) => {
    expect(outcome(await analyse(id(), caller()))).toBe(expected);
  });

  it('a deleted user → his orders are still there, for the admin', async () => {
    expect((await analyse(deleted.id, admin)).body).toMatchObject({
      userId: deleted.id,
      ordersCount: 1,
      revenue: { USD: 3_000 },
    });
  });

  it('an id that is none → 422', async () => {
    expect(pointersOf(await analyse('7', admin))).toEqual(['path:id']);
  });
});

describe('their cost', () => {
  it('1 order or 60, in several currencies → the same number of queries', async () => {
    await app.app.get(RollupFolder).beforeApplicationShutdown(); // what is committed between them makes one more
    const user = await app.factory.signedIn();
    await app.factory.anOrder(user.id, { status: 'paid' });
    const few = [queriesOf(await aggregate(admin)), queriesOf(await analyse(user.id, user))];
    for (let n = 0; n < 60; n += 1)
      await app.factory.anOrder(user.id, { status: 'refunded', currency: n % 2 === 0 ? 'EUR' : 'GBP' });
    expect([queriesOf(await aggregate(admin)), queriesOf(await analyse(user.id, user))]).toEqual(few);
    expect(few).toEqual([3, 2]);
  });
});

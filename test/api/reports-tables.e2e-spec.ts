import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { enter, type Entered, foldAll } from '../support/reports.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
let analyst: SignedIn;
beforeAll(async () => {
  app = await TestApp.start();
  analyst = await app.factory.analyst();
});
afterAll(() => app.stop());

const get = (path: string, as: SignedIn = analyst): Promise<Reply> =>
  app.client.get(`/analytics/${path}`, { as: as.token });
const place = (userId: string, entered: Entered): Promise<void> => enter(app, userId, entered);

describe('ranks', () => {
  it('customers by revenue and by orders → in their order, with those who only got a refund', async () => {
    const ada = await app.factory.signedIn({ name: 'Ada' });
    const bob = await app.factory.signedIn({ name: 'Bob' });
    const cy = await app.factory.signedIn({ name: 'Cy' });
    const day = '2022-02-10T10:00:00Z';
    await place(ada.id, { at: day, cents: 900, currency: 'GBP', paid: day });
    for (let n = 0; n < 3; n += 1) await place(bob.id, { at: day, cents: 100, currency: 'GBP', paid: day });
    await place(cy.id, {
      at: '2022-01-01T00:00:00Z',
      cents: 50,
      currency: 'GBP',
      paid: '2022-01-01T00:00:00Z',
      refunded: day,
    });
    const ranks = async (query: string) =>
      (await get(`customers?currency=GBP&from=2022-02-10&to=2022-02-11${query}`)).body.data.map(
        ({ name, orders, netCents }: Record<string, unknown>) => [name, orders, netCents],
      );
    for (const isFolded of [false, true]) {
      if (isFolded) await foldAll(app);
      expect(await ranks('')).toEqual([
        ['Ada', 1, 900],
        ['Bob', 3, 300],
        ['Cy', 0, -50],
      ]);
      expect(await ranks('&sort=orders')).toEqual([
        ['Bob', 3, 300],
        ['Ada', 1, 900],
        ['Cy', 0, -50],
      ]);
      expect(await ranks('&limit=1')).toEqual([['Ada', 1, 900]]);
    }
  });

  it('more customers than are looked at first, and the best of two months is in the first of neither list → first all the same', async () => {
    const { id } = await app.factory.signedIn({ name: 'Steady' });
    // 250 who spent a little more in one month; all but `Steady` spent in one alone.
    const others = await app.dataSource.query<{ id: string }[]>(
      `INSERT INTO users (id, name, email, email_key, roles, password_hash, version)
       SELECT gen_random_uuid(), 'Once', 'once' || n || '@example.com', 'once' || n || '@example.com', '{customer}', 'x', 1
       FROM generate_series(1, 500) AS n RETURNING id`,
    );
    await app.dataSource.query(
      `INSERT INTO orders (id, user_id, status, currency, total_cents, paid_cents, version, placed_at)
       SELECT gen_random_uuid(), owner, 'paid', 'SEK', 101, 101, 1, timestamptz '2021-03-10Z' + (n % 2) * interval '1 month'
       FROM unnest($1::uuid[]) WITH ORDINALITY AS owners (owner, n)
       UNION ALL SELECT gen_random_uuid(), $2, 'paid', 'SEK', 100, 100, 1, at
       FROM unnest('{2021-03-10Z, 2021-04-10Z}'::timestamptz[]) AS at`,
      [others.map((other) => other.id), id],
    );
    await app.dataSource.query(
      `INSERT INTO transactions (id, order_id, kind, amount_cents, currency, reference, created_at)
       SELECT gen_random_uuid(), id, 'payment', paid_cents, currency, gen_random_uuid(), placed_at FROM orders WHERE currency = 'SEK'`,
    );
    await foldAll(app);
    const { body } = await get('customers?currency=SEK&from=2021-03-05&to=2021-04-20&limit=1');
    expect(body.data).toEqual([{ userId: id, name: 'Steady', orders: 2, netCents: 200 }]);
  });

  it('products → pieces and gross by sku, named as in the newest order', async () => {
    const { id } = await app.factory.signedIn();
    await app.factory.anOrder(id, {
      currency: 'NOK',
      placedAt: new Date('2022-05-05T10:00:00Z'),
      skus: ['TEA', 'CUP'],
    });
    await app.factory.anOrder(id, { currency: 'NOK', placedAt: new Date('2022-05-06T10:00:00Z'), skus: ['TEA'] });
    const { body } = await get('products?currency=NOK&from=2022-05-01&to=2022-06-01');
    expect(body.data).toEqual([
      { sku: 'TEA', name: 'Item TEA', orders: 2, quantity: 2, grossCents: 3_000 },
      { sku: 'CUP', name: 'Item CUP', orders: 1, quantity: 1, grossCents: 1_500 },
    ]);
  });

  it('statuses → each, by when the order was placed', async () => {
    const { id } = await app.factory.signedIn();
    for (const status of ['paid', 'paid', 'cancelled'] as const) {
      await app.factory.anOrder(id, { status, placedAt: new Date('2020-02-02T02:02:02Z') });
    }
    const { body } = await get('statuses?from=2020-02-02&to=2020-02-03');
    expect(body.data.map(({ status, orders }: Record<string, unknown>) => [status, orders])).toEqual([
      ['pending', 0],
      ['paid', 2],
      ['shipped', 0],
      ['delivered', 0],
      ['cancelled', 1],
      ['refunded', 0],
    ]);
  });
});

describe('cohorts', () => {
  it('who registered when and ordered when → by month, deleted users too, and they follow what is written', async () => {
    const registered = async (at: string) => {
      const { id } = await app.factory.signedIn();
      await app.dataSource.query('UPDATE users SET created_at = $2 WHERE id = $1', [id, at]);
      return id;
    };
    const [first, second, third] = [
      await registered('2019-01-10T00:00:00Z'),
      await registered('2019-01-31T23:30:00Z'),
      await registered('2019-03-01T00:00:00Z'),
    ];
    await app.dataSource.query('UPDATE users SET deleted_at = now() WHERE id = $1', [second]);
    for (const at of ['2019-01-11T00:00:00Z', '2019-03-05T00:00:00Z', '2019-03-06T00:00:00Z'])
      await place(first, { at });
    await place(second, { at: '2019-03-05T00:00:00Z' });
    await place(third, { at: '2019-03-31T23:59:59Z' });
    const cohorts = async (query = '') =>
      (await get(`cohorts?from=2019-01-01&to=2019-04-01${query}`)).body.data.map(
        ({ cohort, users, active }: Record<string, unknown>) => [cohort, users, active],
      );
    const expected = [
      ['2019-01', 2, [1, 0, 2]],
      ['2019-02', 0, [0, 0]],
      ['2019-03', 1, [1]],
    ];
    for (const read of [cohorts, cohorts]) expect(await read()).toEqual(expected);
    expect(await cohorts('&timezone=Europe/Berlin')).toEqual([
      ['2019-01', 1, [1, 0, 1]],
      ['2019-02', 1, [0, 1]],
      ['2019-03', 1, [0]],
    ]);
    await place(second, { at: '2019-02-05T00:00:00Z' });
    expect((await cohorts())[0]).toEqual(['2019-01', 2, [1, 1, 2]]);
    await place(second, { at: '2019-01-31T23:45:00Z' });
    expect((await cohorts())[0]).toEqual(['2019-01', 2, [2, 1, 2]]);
    await app.dataSource.query(`UPDATE users SET created_at = '2019-02-01Z' WHERE id = $1`, [second]);
    expect((await cohorts()).slice(0, 2)).toEqual([
      ['2019-01', 1, [1, 0, 1]],
      ['2019-02', 1, [1, 1]],
    ]);
  });
});

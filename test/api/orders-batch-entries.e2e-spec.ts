import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@app/database';
import type { Reply } from '../support/api-client.js';
import type { SignedIn } from '../support/factory.js';
import { HeldLock } from '../support/held-lock.js';
import { anItem } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';

const KEY = 'Idempotency-Key';

interface Entry {
  readonly index: number;
  readonly status: number;
  readonly location?: string;
  readonly order?: { readonly id: string; readonly note: string | null };
  readonly problem?: { readonly code: string; readonly errors?: { readonly pointer: string }[] };
}

let app: TestApp;
let ada: SignedIn;
let key: string;
beforeAll(async () => {
  app = await TestApp.start();
});
beforeEach(async () => {
  ada = await app.factory.signedIn();
  key = newId();
});
afterAll(() => app.stop());

const anOrder = (members: object = {}): object => ({ currency: 'USD', items: [anItem()], ...members });
const orders = (count: number): object[] => Array.from({ length: count }, (_, n) => anOrder({ note: `note ${n}` }));
const batch = (body: unknown, headers: Record<string, string> = {}) =>
  app.client.post('/orders/batch', {
    as: ada.token,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { [KEY]: key, 'Content-Type': 'application/json', ...headers },
  });
const entriesOf = ({ body }: Reply): Entry[] => body.data;
const verdictsOf = (reply: Reply): unknown[] =>
  entriesOf(reply).map(({ index, status, problem }) => [index, status, problem?.code]);
const isReplay = ({ headers }: Reply): boolean => headers['idempotent-replayed'] === 'true';
const rows = (): Promise<{ id: string }[]> =>
  app.dataSource.query('SELECT id FROM orders WHERE user_id = $1 ORDER BY placed_at, id', [ada.id]);

describe('one entry of a batch by itself', () => {
  const single = (index: number, body: object) =>
    app.client.post('/orders', { as: ada.token, body, headers: { [KEY]: `${key}:${index}` } });

  it('POST /orders with the key of the entry → the answer that a POST of its own would have had', async () => {
    const reply = await batch({ orders: orders(2) });
    const repeated = await single(1, anOrder({ note: 'note 1' }));
    expect([repeated.status, isReplay(repeated)]).toEqual([201, true]);
    expect(repeated.body).toEqual(entriesOf(reply)[1]?.order);
    const read = await app.client.get(`/orders/${repeated.body.id}`, { as: ada.token });
    const usual = await app.client.post('/orders', { as: ada.token, body: anOrder() });
    expect(repeated.headers['etag']).toBe(read.headers['etag']);
    expect(repeated.headers['location']).toBe(`/api/v1/orders/${repeated.body.id}`);
    const names = ['content-type', 'cache-control', 'vary', 'content-length'];
    expect(names.map((name) => repeated.headers[name] !== undefined)).toEqual(names.map(() => true));
    for (const name of names.slice(0, 3)) expect(repeated.headers[name]).toBe(usual.headers[name]);
  });

  it('done before the batch → is a replay within it, and the batch is not', async () => {
    const { body } = await single(0, anOrder({ note: 'note 0' }));
    const reply = await batch({ orders: orders(2) });
    expect([isReplay(reply), entriesOf(reply)[0]?.order]).toEqual([false, body]);
    expect(await rows()).toHaveLength(2);
  });

  it('its key used for something else → that entry has a problem, the others are placed', async () => {
    await single(1, anOrder({ note: 'else' }));
    const reply = await batch({ orders: orders(3) });
    expect(verdictsOf(reply)).toEqual([
      [0, 201, undefined],
      [1, 422, 'idempotency.key_reused'],
      [2, 201, undefined],
    ]);
  });

  it('its key in progress → that entry has a problem, the others are placed', async () => {
    const reference = await app.client.post('/orders', { as: ada.token, body: anOrder() });
    expect(reference.status).toBe(201);
    await HeldLock.during(app.database.url, 'LOCK TABLE order_items IN EXCLUSIVE MODE', async (lock) => {
      const first = single(0, anOrder({ note: 'note 0' }));
      await lock.waiters(1);
      const reply = batch({ orders: orders(2) });
      await lock.waiters(2); // the batch is at its second entry
      await lock.commit();
      expect((await first).status).toBe(201);
      expect(verdictsOf(await reply)).toEqual([
        [0, 409, 'idempotency.in_progress'],
        [1, 201, undefined],
      ]);
    });
  });
});

describe('the database goes away under a batch', () => {
  /** Ends the connection of the batch at its entry with this index. */
  async function cutAt(index: number, count: number): Promise<Reply> {
    await app.dataSource.query(`
      CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NEW.note = 'note ${index}' THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
          RETURN NEW;
        END $$;
      CREATE TRIGGER cut BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION cut()`);
    try {
      return await batch({ orders: orders(count) });
    } finally {
      await app.dataSource.query('DROP TRIGGER cut ON orders; DROP FUNCTION cut');
    }
  }

  it('after two of four → those are placed, the others have 503; repeated → the others are placed, too', async () => {
    const cut = await cutAt(2, 4);
    expect([cut.status, verdictsOf(cut)]).toEqual([
      207,
      [
        [0, 201, undefined],
        [1, 201, undefined],
        [2, 503, 'service.unavailable'],
        [3, 503, 'service.unavailable'],
      ],
    ]);
    const again = await batch({ orders: orders(4) });
    expect(entriesOf(again).map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(await rows()).toHaveLength(4);
  });

  it('before anything was placed → 503 for the whole', async () => {
    const reply = await cutAt(0, 2);
    expect([reply.status, reply.body.code, reply.headers['retry-after']]).toEqual([503, 'service.unavailable', '1']);
    expect(await rows()).toEqual([]);
    expect(verdictsOf(await batch({ orders: orders(1) }))).toEqual([[0, 201, undefined]]);
  });
});

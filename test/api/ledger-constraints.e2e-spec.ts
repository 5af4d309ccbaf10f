import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@app/database';
import { ORDER_STATUSES, type OrderStatus } from '../../apps/api/src/orders/order.js';
import { ledgerFaults } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';

/** What must never be false is refused by the database itself, whoever writes: these tests go past the application. */
let app: TestApp;
let userId: string;
beforeAll(async () => {
  app = await TestApp.start();
  ({ id: userId } = await app.factory.aUser());
});
afterAll(async () => {
  expect(await ledgerFaults(app.dataSource)).toEqual([]);
  await app.stop();
});

const query = (sql: string, parameters: unknown[] = []): Promise<unknown> => app.dataSource.query(sql, parameters);

/** SQLSTATE and constraint of the refusal; what was done instead, when there was none. */
async function refusalOf(sql: string, parameters: unknown[] = []): Promise<unknown[]> {
  try {
    return ['done', await query(sql, parameters)];
  } catch (error) {
    const driverError: unknown = error instanceof Error ? Reflect.get(error, 'driverError') : undefined;
    if (!(driverError instanceof Error)) throw error;
    return [Reflect.get(driverError, 'code'), Reflect.get(driverError, 'constraint')];
  }
}

const CHECK = '23514';
const UNIQUE = '23505';
const FOREIGN_KEY = '23503';
const NOT_NULL = '23502';

/** Amounts over a total of 3000, and the states that they fit. */
const AMOUNTS: readonly { paid: number; refunded: number; fits: readonly OrderStatus[] }[] = [
  { paid: 0, refunded: 0, fits: ['pending', 'cancelled'] },
  { paid: 1_000, refunded: 0, fits: ['pending'] },
  { paid: 1_000, refunded: 1_000, fits: ['cancelled'] },
  { paid: 1_000, refunded: 500, fits: [] },
  { paid: 3_000, refunded: 0, fits: ['paid', 'shipped', 'delivered'] },
  { paid: 3_000, refunded: 500, fits: ['paid', 'shipped', 'delivered'] },
  { paid: 3_000, refunded: 3_000, fits: ['cancelled', 'refunded'] },
];
const FITS = AMOUNTS.flatMap(({ paid, refunded, fits }) =>
  ORDER_STATUSES.map((status) => ({ status, paid, refunded, fits: fits.includes(status) })),
);

describe('orders', () => {
  it.each(FITS)(
    '$status with $paid paid and $refunded refunded of 3000 → fits: $fits',
    async ({ status, paid, refunded, fits }) => {
      const { id } = await app.factory.anOrder(userId);
      const sql = 'UPDATE orders SET status = $2, paid_cents = $3, refunded_cents = $4 WHERE id = $1';
      expect(await refusalOf(sql, [id, status, paid, refunded])).toEqual(
        fits ? ['done', [[], 1]] : [CHECK, 'orders_status_check'],
      );
      await query(`UPDATE orders SET status = 'pending', paid_cents = 0, refunded_cents = 0 WHERE id = $1`, [id]);
    },
  );

  it.each<[string, string, string, string | undefined]>([
    ['a total of 0', `status = 'cancelled', total_cents = 0`, CHECK, 'orders_total_cents_check'],
    ['a negative payment', 'paid_cents = -1', CHECK, 'orders_paid_cents_check'],
    ['more paid than it costs', 'paid_cents = 3001', CHECK, 'orders_paid_cents_check'],
    ['a negative refund', 'refunded_cents = -1', CHECK, 'orders_refunded_cents_check'],
    ['more refunded than paid', 'paid_cents = 1, refunded_cents = 2', CHECK, 'orders_refunded_cents_check'],
    ['a currency in lower case', `currency = 'usd'`, CHECK, 'orders_currency_check'],
    ['a currency of four letters', `currency = 'USDT'`, CHECK, 'orders_currency_check'],
    ['an empty currency', `currency = ''`, CHECK, 'orders_currency_check'],
    ['a currency of two lines', `currency = E'USD\\n'`, CHECK, 'orders_currency_check'],
    ['an unknown status', `status = 'lost'`, CHECK, 'orders_status_check'],
    ['no status', 'status = NULL', NOT_NULL, undefined],
    ['no currency', 'currency = NULL', NOT_NULL, undefined],
    ['an owner that is none', `user_id = '${newId()}'`, FOREIGN_KEY, 'orders_user_id_fkey'],
  ])('%s → refused', async (_situation, set, code, constraint) => {
    const { id } = await app.factory.anOrder(userId);
    expect(await refusalOf(`UPDATE orders SET ${set} WHERE id = $1`, [id])).toEqual([code, constraint]);
  });

  it('an owner with orders → cannot be removed from the table', async () => {
    await app.factory.anOrder(userId);
    expect(await refusalOf('DELETE FROM users WHERE id = $1', [userId])).toEqual([FOREIGN_KEY, 'orders_user_id_fkey']);
  });

  it('an order with movements → cannot be removed: the ledger stays', async () => {
    const { id } = await app.factory.anOrder(userId, { status: 'paid' });
    expect(await refusalOf('DELETE FROM orders WHERE id = $1', [id])).toEqual([
      FOREIGN_KEY,
      'transactions_order_id_fkey',
    ]);
  });
});

describe('order_items', () => {
  it.each<[string, string, string, string]>([
    ['quantity 0', 'quantity = 0, line_cents = 0', CHECK, 'order_items_quantity_check'],
    ['a negative price', 'unit_price_cents = -1, line_cents = -1', CHECK, 'order_items_unit_price_cents_check'],
    ['a line that is not quantity × price', 'line_cents = line_cents + 1', CHECK, 'order_items_line_cents_check'],
    ['an order that is none', `order_id = '${newId()}'`, FOREIGN_KEY, 'order_items_order_id_fkey'],
    ['a sku twice', `sku = 'SKU-B'`, UNIQUE, 'order_items_order_id_sku_key'],
  ])('%s → refused', async (_situation, set, code, constraint) => {
    const { items } = await app.factory.anOrder(userId);
    expect(await refusalOf(`UPDATE order_items SET ${set} WHERE id = $1`, [items[0]?.id])).toEqual([code, constraint]);
  });
});

describe('transactions', () => {
  it.each<[string, string, string, string | undefined]>([
    ['an amount of 0', 'amount_cents = 0', CHECK, 'transactions_amount_cents_check'],
    ['a negative amount', 'amount_cents = -1', CHECK, 'transactions_amount_cents_check'],
    ['a currency in lower case', `currency = 'usd'`, CHECK, 'transactions_currency_check'],
    ['another kind', `kind = 'gift'`, CHECK, 'transactions_kind_check'],
    ['another method', `method = 'cheque'`, CHECK, 'transactions_method_check'],
    ['no reference', 'reference = NULL', NOT_NULL, undefined],
    ['an order that is none', `order_id = '${newId()}'`, FOREIGN_KEY, 'transactions_order_id_fkey'],
  ])('%s → refused', async (_situation, set, code, constraint) => {
    const { id } = await app.factory.anOrder(userId, { status: 'paid' });
    expect(await refusalOf(`UPDATE transactions SET ${set} WHERE order_id = $1`, [id])).toEqual([code, constraint]);
  });

  it('a second movement with the same reference → refused, on whatever order', async () => {
    const [first, second] = [await app.factory.anOrder(userId, { status: 'paid' }), await app.factory.anOrder(userId)];
    for (const order of [first, second]) {
      const sql = `INSERT INTO transactions (id, order_id, kind, amount_cents, currency, method, reference)
        VALUES ($1, $2, 'payment', 1, 'USD', 'card', $3)`;
      expect(await refusalOf(sql, [newId(), order.id, `${first.id}/p`])).toEqual([
        UNIQUE,
        'transactions_reference_key',
      ]);
    }
  });
});

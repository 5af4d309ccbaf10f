import { randomUUID } from 'node:crypto';

/** What the application sends to the database, statement by statement, when an order is placed, paid and so on. */
const PLACE = `
  INSERT INTO orders (id, user_id, status, currency, total_cents, paid_cents, refunded_cents, placed_at, updated_at, version)
  VALUES ($1, $2, 'pending', $3, 6000, 0, 0, now(), now(), 1)`;
const LINES = `
  INSERT INTO order_items (id, order_id, position, sku, name, quantity, unit_price_cents, line_cents)
  SELECT gen_random_uuid(), $1, n, 'SKU-' || ($2::int + n), 'Product', n + 1, 1000, (n + 1) * 1000 FROM generate_series(0, 2) AS n`;
const LOCK = 'SELECT version FROM orders WHERE id = $1 FOR UPDATE';
const UPDATE = `
  UPDATE orders SET status = $2, paid_cents = $3, refunded_cents = $4, version = version + 1, updated_at = now() WHERE id = $1`;
const BOOK = `
  INSERT INTO transactions (id, order_id, kind, amount_cents, currency, method, reference, created_at)
  VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, gen_random_uuid()::text, now())`;
const TOTAL_CENTS = 6000;

/** Time-ordered, as the application makes them: where a row goes in the index is part of its cost. */
export function newId() {
  const time = Date.now().toString(16).padStart(12, '0');
  const rest = randomUUID().replaceAll('-', '').slice(12);
  return `${time}7${rest.slice(1)}`;
}

async function transaction(client, work) {
  await client.query('BEGIN');
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/** An order with three lines. @returns its id */
export async function place(client, { userId, currency = 'USD', sku = 0 }) {
  const id = newId();
  await transaction(client, async () => {
    await client.query(PLACE, [id, userId, currency]);
    await client.query(LINES, [id, sku]);
  });
  return id;
}

export function pay(client, { id, currency = 'USD' }) {
  return move(client, { id, currency, kind: 'payment', status: 'paid', refunded: 0 });
}

export function refund(client, { id, currency = 'USD' }) {
  return move(client, { id, currency, kind: 'refund', status: 'refunded', refunded: TOTAL_CENTS });
}

function move(client, { id, currency, kind, status, refunded }) {
  return transaction(client, async () => {
    await client.query(LOCK, [id]);
    await client.query(UPDATE, [id, status, TOTAL_CENTS, refunded]);
    await client.query(BOOK, [id, kind, TOTAL_CENTS, currency, kind === 'payment' ? 'card' : null]);
  });
}

/** So many orders of all users over the last days, with three lines each, by two statements. */
export function placeMany(client, count) {
  const ids = Array.from({ length: count }, newId);
  return transaction(client, async () => {
    await client.query(
      `INSERT INTO orders (id, user_id, status, currency, total_cents, placed_at, version)
       SELECT id, customers[1 + n % cardinality(customers)], 'pending', 'USD', 6000, now() - n * interval '1 minute', 1
       FROM (SELECT array_agg(id) AS customers FROM users) AS everyone, unnest($1::uuid[]) WITH ORDINALITY AS made (id, n)`,
      [ids],
    );
    await client.query(
      `INSERT INTO order_items (id, order_id, position, sku, name, quantity, unit_price_cents, line_cents)
       SELECT gen_random_uuid(), made.id, n, 'SKU-' || n, 'Product', n + 1, 1000, (n + 1) * 1000
       FROM unnest($1::uuid[]) AS made (id), generate_series(0, 2) AS n`,
      [ids],
    );
  });
}

/** Those are nobody else's; and a day earlier than they were. */
export function shift(client, ids) {
  return client.query(`UPDATE orders SET placed_at = placed_at - interval '1 day' WHERE id = ANY ($1)`, [ids]);
}

export function remove(client, ids) {
  return transaction(client, async () => {
    await client.query('DELETE FROM transactions WHERE order_id = ANY ($1)', [ids]);
    await client.query('DELETE FROM orders WHERE id = ANY ($1)', [ids]);
  });
}

/** A line more, before anything is paid. */
export function changeLines(client, id) {
  return transaction(client, async () => {
    await client.query(LOCK, [id]);
    await client.query('UPDATE order_items SET quantity = 2, line_cents = 2000 WHERE order_id = $1 AND position = 0', [
      id,
    ]);
    await client.query('UPDATE orders SET total_cents = 7000, version = version + 1 WHERE id = $1', [id]);
    await client.query('UPDATE order_items SET quantity = 1, line_cents = 1000 WHERE order_id = $1 AND position = 0', [
      id,
    ]);
    await client.query('UPDATE orders SET total_cents = 6000, version = version + 1 WHERE id = $1', [id]);
  });
}

/** Deletes softly, and restores. */
export async function toggleUser(client, userId) {
  await client.query('UPDATE users SET deleted_at = CASE WHEN deleted_at IS NULL THEN now() END WHERE id = $1', [
    userId,
  ]);
}

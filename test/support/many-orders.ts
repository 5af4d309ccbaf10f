import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** Orders with two items each, one a second, of one user: fast, since nothing is told to the figures over them. */
export async function insertManyOrders(url: string, userId: string, count: number): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query('SET session_replication_role = replica');
    const batch = 100_000;
    for (let first = 1; first <= count; first += batch) {
      await client.query(INSERT, [userId, first, Math.min(first + batch - 1, count), randomUUID().slice(0, 8)]);
    }
    await client.query('ANALYZE orders, order_items');
  } finally {
    await client.end();
  }
}

const INSERT = `
  WITH numbered AS (SELECT n, gen_random_uuid() AS id FROM generate_series($2::int, $3::int) AS n),
  placed AS (
    INSERT INTO orders (id, user_id, status, currency, total_cents, note, placed_at, updated_at, version)
    SELECT id, $1, 'pending', 'USD', 3000, 'Number ' || n || ', "' || $4 || '"', at, at, 1
    FROM numbered, LATERAL (SELECT timestamptz '2025-01-01' + n * interval '1 s' AS at) AS moment)
  INSERT INTO order_items (id, order_id, position, sku, name, quantity, unit_price_cents, line_cents)
  SELECT gen_random_uuid(), id, place, 'SKU-' || place, 'Item ' || n || '-' || place, 1, 1500, 1500
  FROM numbered, generate_series(0, 1) AS place`;

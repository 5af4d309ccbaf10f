/** Numbers from 0 to 999 that a statement makes of them what it needs. */
export interface Dice {
  readonly a: number;
  readonly b: number;
}

const CURRENCIES = ['USD', 'EUR', 'JPY'] as const;

/** One row in seven, another seventh for another `a`. */
const some = ({ a }: Dice, id = 'id'): string => `abs(hashtext(${id}::text)) % 7 = ${a % 7}`;
const currencyBy = ({ b }: Dice): string => `'${CURRENCIES[b % CURRENCIES.length]}'`;
/** Up to 25 days there or back, in steps of 72 minutes. */
const shiftBy = ({ b }: Dice): string => `interval '${(b - 500) * 72} minutes'`;
const anyOrder = ({ b }: Dice): string => `(SELECT id FROM orders ORDER BY hashtext(id::text || ${b}) LIMIT 1)`;

const copied = (dice: Dice): string => `
  WITH picked AS (SELECT *, gen_random_uuid() AS copy FROM orders WHERE ${some(dice)} LIMIT 40),
  placed AS (
    INSERT INTO orders (id, user_id, status, currency, total_cents, paid_cents, refunded_cents, placed_at, version)
    SELECT copy, user_id, status, currency, total_cents, paid_cents, refunded_cents, placed_at + ${shiftBy(dice)}, version
    FROM picked),
  lines AS (
    INSERT INTO order_items (id, order_id, position, sku, name, quantity, unit_price_cents, line_cents)
    SELECT gen_random_uuid(), copy, position, sku, name, quantity, unit_price_cents, line_cents
    FROM picked JOIN order_items ON order_id = picked.id)
  INSERT INTO transactions (id, order_id, kind, amount_cents, currency, method, reason, reference, created_at)
  SELECT gen_random_uuid(), copy, kind, amount_cents, t.currency, method, reason, gen_random_uuid(), created_at + ${shiftBy(dice)}
  FROM picked JOIN transactions t ON order_id = picked.id`;

/** Triggers of several tables see what all parts of the statement have done together. */
const ACROSS_TABLES: Readonly<Record<string, (dice: Dice) => string>> = {
  'copy orders in one statement': copied,
  'recode orders and their money in one statement': (dice) => `
    WITH recoded AS (UPDATE orders SET currency = ${currencyBy(dice)} WHERE ${some(dice)} RETURNING id)
    UPDATE transactions SET currency = ${currencyBy(dice)} WHERE order_id IN (SELECT id FROM recoded)`,
  'change orders and their money in one statement': (dice) => `
    WITH given AS (
      UPDATE orders SET user_id = (SELECT id FROM users ORDER BY hashtext(id::text || ${dice.b}) LIMIT 1)
      WHERE ${some(dice)} RETURNING id)
    UPDATE transactions SET amount_cents = amount_cents + ${dice.b} WHERE order_id IN (SELECT id FROM given)`,
  'change orders and their lines in one statement': (dice) => `
    WITH recoded AS (
      UPDATE orders SET currency = ${currencyBy(dice)}, placed_at = placed_at + ${shiftBy(dice)}
      WHERE ${some(dice)} RETURNING id)
    UPDATE order_items SET quantity = quantity + 1, line_cents = (quantity + 1) * unit_price_cents
    WHERE order_id IN (SELECT id FROM recoded)`,
  'move an order, and add money to it in one statement': (dice) => `
    WITH given AS (
      UPDATE orders SET user_id = (SELECT id FROM users ORDER BY hashtext(id::text || ${dice.b}) LIMIT 1)
      WHERE id = ${anyOrder(dice)} RETURNING id)
    INSERT INTO transactions (id, order_id, kind, amount_cents, currency, reference)
    SELECT gen_random_uuid(), id, 'payment', 77, 'USD', gen_random_uuid() FROM given`,
  'delete orders and their money in one statement': (dice) => `
    WITH paid AS (DELETE FROM transactions WHERE order_id IN (SELECT id FROM orders WHERE ${some(dice)}))
    DELETE FROM orders WHERE ${some(dice)}`,
  'delete orders and their lines in one statement': (dice) => `
    WITH paid AS (DELETE FROM transactions WHERE order_id IN (SELECT id FROM orders WHERE ${some(dice)})),
    lines AS (DELETE FROM order_items WHERE order_id IN (SELECT id FROM orders WHERE ${some(dice)}))
    DELETE FROM orders WHERE ${some(dice)}`,
  'move orders, and delete their money in one statement': (dice) => `
    WITH given AS (
      UPDATE orders SET user_id = (SELECT id FROM users ORDER BY hashtext(id::text || ${dice.b}) LIMIT 1)
      WHERE ${some(dice)} RETURNING id)
    DELETE FROM transactions WHERE order_id IN (SELECT id FROM given)`,
};

/**
 * What an operator may do to the tables past the application. Not all of it keeps the ledger in order; the figures follow
 * the rows all the same. What takes rows away comes last, so that the others find some.
 */
export const BULK_WRITES: Readonly<Record<string, (dice: Dice) => string>> = {
  ...ACROSS_TABLES,
  'shift orders in time': (dice) => `UPDATE orders SET placed_at = placed_at + ${shiftBy(dice)} WHERE ${some(dice)}`,
  'shift money in time': (dice) =>
    `UPDATE transactions SET created_at = created_at + ${shiftBy(dice)} WHERE ${some(dice)}`,
  'shift registrations': (dice) => `UPDATE users SET created_at = created_at + ${shiftBy(dice)} WHERE ${some(dice)}`,
  'recode orders': (dice) => `UPDATE orders SET currency = ${currencyBy(dice)} WHERE ${some(dice)}`,
  'give orders away': (dice) => `
    UPDATE orders SET user_id = (SELECT id FROM users ORDER BY hashtext(id::text || ${dice.b}) LIMIT 1) WHERE ${some(dice)}`,
  'ship what is paid': (dice) => `UPDATE orders SET status = 'shipped' WHERE status = 'paid' AND ${some(dice)}`,
  'cancel what is unpaid': (dice) =>
    `UPDATE orders SET status = 'cancelled' WHERE status = 'pending' AND paid_cents = 0 AND ${some(dice)}`,
  'change totals': (dice) =>
    `UPDATE orders SET total_cents = total_cents + ${dice.b} WHERE status = 'pending' AND ${some(dice)}`,
  'change lines': (dice) => `
    UPDATE order_items SET quantity = quantity + 1, line_cents = (quantity + 1) * unit_price_cents WHERE ${some(dice)}`,
  'change amounts': (dice) => `UPDATE transactions SET amount_cents = amount_cents + ${dice.b} WHERE ${some(dice)}`,
  'turn payments into refunds': (dice) =>
    `UPDATE transactions SET kind = 'refund' WHERE kind = 'payment' AND ${some(dice)}`,
  'book money on another order': (dice) => `UPDATE transactions SET order_id = ${anyOrder(dice)} WHERE ${some(dice)}`,
  'move lines to another order': (dice) => `
    UPDATE order_items SET order_id = ${anyOrder(dice)} WHERE ${some(dice)}
      AND sku NOT IN (SELECT sku FROM order_items WHERE order_id = ${anyOrder(dice)})
      AND id IN (SELECT DISTINCT ON (sku) id FROM order_items WHERE ${some(dice)} ORDER BY sku, id)`,
  'write what is there already': (dice) =>
    `UPDATE orders SET currency = currency, user_id = user_id WHERE ${some(dice)}`,
  'write nothing': () => 'UPDATE orders SET currency = currency WHERE false',
  'delete users without orders': (dice) => `
    DELETE FROM users u WHERE name = 'Bulk' AND NOT EXISTS (SELECT FROM orders WHERE user_id = u.id) AND ${some(dice)}`,
  'register many': ({ b }) => `
    INSERT INTO users (id, name, email, email_key, roles, password_hash, version, created_at)
    SELECT gen_random_uuid(), 'Bulk', id, id, '{customer}', 'none', 1, now() - interval '1 day' * (${b} % 90)
    FROM (SELECT gen_random_uuid()::text AS id FROM generate_series(1, 1 + ${b} % 9)) AS made`,
  'delete and restore softly': (dice) => `
    UPDATE users SET deleted_at = CASE WHEN deleted_at IS NULL THEN now() END WHERE name = 'Bulk' AND ${some(dice)}`,
  'merge orders': (dice) => `
    MERGE INTO orders o USING (SELECT id AS given FROM orders WHERE ${some(dice)}) AS given ON o.id = given
    WHEN MATCHED AND currency = 'USD' THEN UPDATE SET placed_at = placed_at + ${shiftBy(dice)}, currency = 'EUR'
    WHEN MATCHED THEN DO NOTHING`,
  'insert or update': (dice) => `
    INSERT INTO orders (id, user_id, status, currency, total_cents, version)
    SELECT CASE WHEN abs(hashtext(id::text)) % 2 = 0 THEN id ELSE gen_random_uuid() END, user_id, 'pending', currency, 700, 1
    FROM orders WHERE status = 'pending' AND paid_cents = 0 AND ${some(dice)}
    ON CONFLICT (id) DO UPDATE SET total_cents = excluded.total_cents, placed_at = orders.placed_at + ${shiftBy(dice)}`,
  'regret it all': (dice) => `
    BEGIN; DELETE FROM transactions; UPDATE orders SET currency = 'GBP'; SAVEPOINT half; ${copied(dice)}; ROLLBACK`,
  'regret half of it': (dice) => `
    BEGIN; UPDATE orders SET placed_at = placed_at + ${shiftBy(dice)} WHERE ${some(dice)};
    SAVEPOINT half; DELETE FROM transactions; ROLLBACK TO half; ${copied(dice)}; COMMIT`,
  'delete orders': (dice) => `
    BEGIN; DELETE FROM transactions WHERE order_id IN (SELECT id FROM orders WHERE ${some(dice)});
    DELETE FROM orders WHERE ${some(dice)}; COMMIT`,
  'delete money': (dice) => `DELETE FROM transactions WHERE ${some(dice)} AND abs(hashtext(id::text)) % 3 = 0`,
  'delete lines': (dice) => `DELETE FROM order_items WHERE ${some(dice)} AND abs(hashtext(id::text)) % 3 = 0`,
};

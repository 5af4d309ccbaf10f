import { quarterOf } from './rollup.js';

const MONEY = `
  coalesce(sum(sign * amount_cents) FILTER (WHERE kind = 'payment'), 0),
  coalesce(sum(sign * amount_cents) FILTER (WHERE kind = 'refund'), 0)`;

/** Settings that last as long as the transaction: `plinth.open` counts statements under way that may move orders. */
const open = (by: 1 | -1) =>
  `PERFORM set_config('plinth.open', (coalesce(nullif(current_setting('plinth.open', true), ''), '0')::int + ${by})::text, true);`;
const isOn = (name: 'plinth.moved') => `coalesce(current_setting('${name}', true), '') = 'on'`;
const NOTHING_OPEN = `coalesce(nullif(current_setting('plinth.open', true), ''), '0') = '0'`;

/**
 * What hangs on an order and a change of its owner, currency or time must not miss each other: the many who write the
 * former share this lock until they commit, the rare one that does the latter has it alone. A lock of the orders
 * themselves would write each of their rows once more.
 */
const MOVE_LOCK = `hashtext('analytics_move')`;
const TOGETHER = `PERFORM pg_advisory_xact_lock_shared(${MOVE_LOCK});`;
const ALONE = `PERFORM pg_advisory_xact_lock(${MOVE_LOCK});`;

/** Rows before and after a statement, with -1 and 1: what has not changed adds up to nothing, whatever its id. */
const BOTH = '(SELECT -1 AS sign, * FROM old_rows UNION ALL SELECT 1, * FROM new_rows) AS rows';

/** The order of a row as it is, and as it was when this very statement moves or deletes it as well. */
const AS_IT_IS = 'orders AS held ON held.id = order_id';
const AS_IT_WAS = `(
    SELECT id, user_id, currency, placed_at FROM analytics_moves WHERE xid = pg_current_xact_id()
    UNION ALL
    SELECT id, user_id, currency, placed_at FROM orders
    WHERE NOT EXISTS (
      SELECT FROM analytics_moves AS moved WHERE xid = pg_current_xact_id() AND moved.id = orders.id)) AS held ON held.id = order_id`;

/** Rows that hang on an order count with what the order has. @param told makes the statement from how the order is found. */
const belonging = (rows: string, told: (join: string) => string) => `
  ${TOGETHER}
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    -- It may see an order as it was before somebody moved it: better refused, as the lock of such a row is.
    PERFORM FROM orders WHERE id IN (SELECT order_id FROM ${rows}) FOR SHARE;
  END IF;
  IF ${isOn('plinth.moved')} THEN
    ${told(AS_IT_WAS)};
  ELSE
    ${told(AS_IT_IS)};
  END IF;`;

const moneyOf = (rows: string) =>
  belonging(
    rows,
    (held) => `
    INSERT INTO analytics_changes (at, currency, user_id, payments_cents, refunds_cents)
    SELECT ${quarterOf('created_at')}, rows.currency, held.user_id, ${MONEY}
    FROM ${rows} JOIN ${held} GROUP BY 1, 2, 3`,
  );

const ITEMS = `
  INSERT INTO analytics_item_changes (at, currency, sku, orders, quantity, gross_cents)
  SELECT ${quarterOf('held.placed_at')}, held.currency, sku, sum(sign), sum(sign * quantity), sum(sign * line_cents)`;

const CHANGED_ITEMS = `
  GROUP BY 1, 2, 3
  HAVING sum(sign) <> 0 OR sum(sign * quantity) <> 0 OR sum(sign * line_cents) <> 0`;

const itemsOf = (rows: string) => belonging(rows, (held) => `${ITEMS} FROM ${rows} JOIN ${held} ${CHANGED_ITEMS}`);

/** Every row of a statement that inserts, or deletes. */
const INSERTED = '(SELECT 1 AS sign, * FROM new_rows) AS rows';
const DELETED = '(SELECT -1 AS sign, * FROM old_rows) AS rows';

/** Statements of one direction. `writes` counts rows that percentiles and cohorts may depend on. */
const ordersOf = (rows: string, sign: 1 | -1) => `
  INSERT INTO analytics_changes (at, currency, user_id, status, orders, total_cents, writes)
  SELECT ${quarterOf('placed_at')}, currency, user_id, status, ${sign} * count(*), ${sign} * sum(total_cents), count(*)
  FROM ${rows} GROUP BY 1, 2, 3, 4`;

const ORDERS_UPDATED = `
  INSERT INTO analytics_changes (at, currency, user_id, status, orders, total_cents)
  SELECT ${quarterOf('placed_at')}, currency, user_id, status, sum(sign), sum(sign * total_cents)
  FROM ${BOTH} GROUP BY 1, 2, 3, 4
  HAVING sum(sign) <> 0 OR sum(sign * total_cents) <> 0;

  INSERT INTO analytics_changes (at, currency, user_id, writes)
  SELECT ${quarterOf('placed_at')}, currency, user_id, abs(sum(sign))
  FROM ${BOTH} GROUP BY placed_at, currency, user_id, total_cents HAVING sum(sign) <> 0;

  -- What hangs on an order goes with it to another owner, currency or time.
  IF EXISTS (SELECT FROM ${BOTH} GROUP BY id, placed_at, currency, user_id HAVING sum(sign) <> 0) THEN
    ${ALONE}
    INSERT INTO analytics_changes (at, currency, user_id, payments_cents, refunds_cents)
    SELECT ${quarterOf('t.created_at')}, t.currency, rows.user_id, ${MONEY}
    FROM ${BOTH} JOIN transactions AS t ON t.order_id = rows.id
    GROUP BY 1, 2, 3
    HAVING sum(sign * amount_cents) FILTER (WHERE kind = 'payment') <> 0
      OR sum(sign * amount_cents) FILTER (WHERE kind = 'refund') <> 0;
    ${ITEMS} FROM ${BOTH.replace('AS rows', 'AS held')} JOIN order_items AS i ON i.order_id = held.id ${CHANGED_ITEMS};
  END IF;`;

/** How an order is before the statement that is under way. */
const REMEMBER = `
  INSERT INTO analytics_moves (xid, id, user_id, currency, placed_at)
  VALUES (pg_current_xact_id(), old.id, old.user_id, old.currency, old.placed_at);
  PERFORM set_config('plinth.moved', 'on', true);`;

/** The statement that it was about has ended. */
const FORGET = `
  IF ${isOn('plinth.moved')} AND ${NOTHING_OPEN} THEN
    DELETE FROM analytics_moves WHERE xid = pg_current_xact_id();
    PERFORM set_config('plinth.moved', '', true);
  END IF;`;

const USERS_UPDATED = `
  INSERT INTO analytics_user_changes (active, moved)
  SELECT active, moved FROM (
    SELECT coalesce(sum(sign) FILTER (WHERE deleted_at IS NULL), 0) AS active,
           (SELECT count(*) FROM (SELECT FROM ${BOTH} GROUP BY id, created_at HAVING sum(sign) <> 0) AS moved) AS moved
    FROM ${BOTH}) AS sums (active, moved)
  WHERE active <> 0 OR moved <> 0;`;

const FUNCTIONS: Readonly<Record<string, string>> = {
  orders_inserted: `${ordersOf('new_rows', 1)};`,
  orders_updated: `${ORDERS_UPDATED} ${open(-1)}`,
  orders_deleted: `${ordersOf('old_rows', -1)}; ${open(-1)}`,
  order_items_inserted: itemsOf(INSERTED),
  order_items_updated: itemsOf(BOTH),
  order_items_deleted: itemsOf(DELETED),
  transactions_inserted: moneyOf(INSERTED),
  transactions_updated: moneyOf(BOTH),
  transactions_deleted: moneyOf(DELETED),
  users_inserted: `INSERT INTO analytics_user_changes (active, moved)
    SELECT count(*) FILTER (WHERE deleted_at IS NULL), 0 FROM new_rows HAVING count(*) > 0;`,
  users_updated: USERS_UPDATED,
  users_deleted: `INSERT INTO analytics_user_changes (active, moved)
    SELECT -count(*) FILTER (WHERE deleted_at IS NULL), count(*) FROM old_rows HAVING count(*) > 0;`,
};

const EVENTS: Readonly<Record<string, readonly [event: string, referencing: string]>> = {
  inserted: ['INSERT', 'NEW TABLE AS new_rows'],
  updated: ['UPDATE', 'OLD TABLE AS old_rows NEW TABLE AS new_rows'],
  deleted: ['DELETE', 'OLD TABLE AS old_rows'],
};

function functionOf(name: string, body: string, result = 'NULL'): string {
  return `CREATE FUNCTION analytics_${name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
      ${body}
      RETURN ${result};
    END $$`;
}

const TRACKED = ['orders', 'order_items', 'transactions', 'users'];

/** Run after the tables; what a statement changes is appended in its own transaction. */
export const TRIGGERS: readonly string[] = [
  ...Object.entries(FUNCTIONS).map(([name, body]) => functionOf(name, body)),
  ...TRACKED.flatMap((table) =>
    Object.entries(EVENTS).map(
      ([name, [event, referencing]]) => `
        CREATE TRIGGER analytics_${name} AFTER ${event} ON ${table} REFERENCING ${referencing}
        FOR EACH STATEMENT EXECUTE FUNCTION analytics_${table}_${name}()`,
    ),
  ),
  // All triggers of a statement see what it leaves behind; how an order was before it, they find in analytics_moves.
  functionOf('orders_changing', `${FORGET} ${open(1)}`),
  `CREATE TRIGGER analytics_changing BEFORE UPDATE OR DELETE ON orders
    FOR EACH STATEMENT EXECUTE FUNCTION analytics_orders_changing()`,
  functionOf('order_moving', REMEMBER, 'new'),
  `CREATE TRIGGER analytics_moving BEFORE UPDATE ON orders FOR EACH ROW
    WHEN ((old.user_id, old.currency, old.placed_at) IS DISTINCT FROM (new.user_id, new.currency, new.placed_at))
    EXECUTE FUNCTION analytics_order_moving()`,
  functionOf('order_deleting', REMEMBER, 'old'),
  `CREATE TRIGGER analytics_deleting BEFORE DELETE ON orders
    FOR EACH ROW EXECUTE FUNCTION analytics_order_deleting()`,
  functionOf('forgetting', FORGET),
  ...['order_items', 'transactions'].map(
    (table) => `CREATE TRIGGER analytics_forgetting BEFORE INSERT OR UPDATE OR DELETE ON ${table}
      FOR EACH STATEMENT WHEN (${isOn('plinth.moved')} AND ${NOTHING_OPEN})
      EXECUTE FUNCTION analytics_forgetting()`,
  ),
  functionOf('truncated', 'PERFORM analytics_mend();'),
  ...TRACKED.map(
    (table) => `CREATE TRIGGER analytics_truncated AFTER TRUNCATE ON ${table}
      FOR EACH STATEMENT EXECUTE FUNCTION analytics_truncated()`,
  ),
];

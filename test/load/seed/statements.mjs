/** `plinth-load-password`, for every user: a hash of its own for each would cost 33 ms of a processor. */
export const PASSWORD = 'plinth-load-password';
const PASSWORD_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$iZI0/txyBdEQRP8T8YtqbQ$x6WH9QRRQdV8OlgQKtDCQw5o1eaGHcAItzYepFD/ARk';

export const ANALYST = 'analyst@load.example';
export const ADMIN = 'admin@load.example';

const FIRST_NAMES =
  'Ada,Alan,Amara,Anna,Aryan,Ben,Carmen,Chidi,Clara,Diego,Elif,Emil,Fatima,Grace,Hana,Ivan,Jun,Kofi,Lena,Liam,Mei';
const LAST_NAMES = 'Abara,Becker,Castro,Dubois,Evans,Fischer,Garcia,Haddad,Ito,Jensen,Kaya,Moreau,Novak,Okafor,Patel';

/** 400 ranks, five products each: the lines of an order draw from five different ones, so no product comes twice. */
const RANKS = 400;

/** Of the session: what all statements draw with. Everything follows from row numbers by hashing, nothing from chance. */
export const SESSION = `
  SET jit = off;
  SET synchronous_commit = off;
  SET work_mem = '128MB';
  SET temp_buffers = '64MB';
  CREATE FUNCTION pg_temp.draw(n bigint, salt bigint) RETURNS float8 LANGUAGE sql IMMUTABLE AS
    'SELECT (hashint8extended(n, salt) & 4503599627370495)::float8 / 4503599627370496';
  CREATE FUNCTION pg_temp.moment(ms bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
    'SELECT to_timestamp(ms / 1000.0::float8)';
  CREATE FUNCTION pg_temp.uuid7(ms bigint, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT (lpad(to_hex(ms), 12, '0') || '70008' || lpad(to_hex(n), 15, '0'))::uuid $$`;

export const LEDGER = `
  CREATE TABLE IF NOT EXISTS load_seed (
    part text NOT NULL,
    number integer NOT NULL,
    rows bigint NOT NULL,
    detail jsonb,
    finished_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (part, number)
  )`;

const registeredMs = (n, { users, fromMs, spanMs }) =>
  `(${fromMs} + floor(${n}::float8 / ${users} * ${spanMs}))::bigint`;

/** The last two of all users are the analyst and the admin. */
export function insertUsers({ from, to }, registrations) {
  const { users, fromMs, spanMs } = registrations;
  const mail = `CASE n WHEN ${users - 1} THEN '${ANALYST}' WHEN ${users - 2} THEN '${ADMIN}' ELSE 'user-' || n || '@load.example' END`;
  const role = `CASE n WHEN ${users - 1} THEN '{customer,analyst}' WHEN ${users - 2} THEN '{customer,admin}' ELSE '{customer}' END`;
  return `
    INSERT INTO users (id, name, email, email_key, age, roles, password_hash, created_at, updated_at, deleted_at, version)
    SELECT pg_temp.uuid7(ms, n), ${pick(FIRST_NAMES, 20)} || ' ' || ${pick(LAST_NAMES, 21)}, mail, mail,
      CASE WHEN pg_temp.draw(n, 22) < 0.6 THEN 18 + floor(pg_temp.draw(n, 23) * 60) END, roles,
      '${PASSWORD_HASH}', pg_temp.moment(ms), pg_temp.moment(ms),
      CASE WHEN n < ${users - 2} AND pg_temp.draw(n, 24) < 0.01 THEN pg_temp.moment(${fromMs + spanMs}) END, 1
    FROM generate_series(${from}::bigint, ${to - 1}) AS n
    CROSS JOIN LATERAL (SELECT ${registeredMs('n', registrations)} AS ms, ${mail} AS mail, (${role})::text[] AS roles) AS made`;
}

function pick(names, salt) {
  const count = names.split(',').length;
  return `(string_to_array('${names}', ','))[1 + floor(pg_temp.draw(n, ${salt}) * ${count})::int]`;
}

/** Rank from 0 by a Zipf distribution of exponent `1 - rest`, over so many. */
const zipf = (draw, count, rest) =>
  `floor(power((power(${count}, ${rest}) - 1) * ${draw} + 1, 1 / ${rest}))::bigint - 1`;

/**
 * Who, when, in which currency, and how many lines. Two thirds of the orders go to old customers by Zipf, the rest to those
 * who have registered lately; most pay in a currency of their own.
 */
export function drawOrders({ from, to }, hours, registrations) {
  const { users, fromMs, spanMs } = registrations;
  const own = hours.filter((hour) => hour.to > from && hour.from < to && hour.to > hour.from);
  const rows = own.map((hour) => `(${hour.startsMs}, ${hour.from}, ${hour.to})`).join(', ');
  return `
    CREATE TEMP TABLE drawn ON COMMIT DROP AS
    SELECT n, placed_ms, pg_temp.uuid7(placed_ms, n) AS id,
      pg_temp.uuid7(${registeredMs('buyer', registrations)}, buyer) AS user_id,
      CASE WHEN taste < 0.7 THEN 'USD' WHEN taste < 0.85 THEN 'EUR' WHEN taste < 0.93 THEN 'GBP'
           WHEN taste < 0.98 THEN 'JPY' ELSE 'CHF' END AS currency,
      1 + (size > 0.4)::int + (size > 0.65)::int + (size > 0.83)::int + (size > 0.94)::int AS lines
    FROM (VALUES ${rows}) AS hour (starts_ms, first, next)
    CROSS JOIN LATERAL generate_series(greatest(first, ${from})::bigint, least(next, ${to}) - 1) AS n
    CROSS JOIN LATERAL (SELECT
      (starts_ms + floor((n - first + pg_temp.draw(n, 1)) / (next - first) * 3600000))::bigint AS placed_ms,
      pg_temp.draw(n, 2) AS size) AS timed
    CROSS JOIN LATERAL (SELECT greatest(1, floor((placed_ms - ${fromMs}) / ${spanMs}::float8 * ${users}))::bigint AS registered) AS counted
    CROSS JOIN LATERAL (SELECT least(registered - 1, CASE
      WHEN pg_temp.draw(n, 3) < 0.35 THEN registered - 1 - floor(pg_temp.draw(n, 4) * ceil(registered * 0.1::float8))::bigint
      ELSE ${zipf('pg_temp.draw(n, 4)', 'registered', '0.3::float8')} END) AS buyer) AS chosen
    CROSS JOIN LATERAL (SELECT
      CASE WHEN pg_temp.draw(n, 5) < 0.1 THEN pg_temp.draw(n, 6) ELSE pg_temp.draw(buyer, 7) END AS taste) AS tasted`;
}

export const DRAW_ITEMS = `
  CREATE TEMP TABLE drawn_items ON COMMIT DROP AS
  SELECT n, id AS order_id, pg_temp.uuid7(placed_ms, n * 5 + position) AS id, position,
    'SKU-' || lpad(sku::text, 4, '0') AS sku, 'Product ' || sku AS name, quantity, price, quantity * price AS line
  FROM drawn CROSS JOIN LATERAL generate_series(0, lines - 1) AS position
  CROSS JOIN LATERAL (SELECT
    (${zipf('pg_temp.draw(n * 5 + position, 8)', `${RANKS + 1}::float8`, '0.1::float8')}) * 5 + (n + position) % 5 AS sku,
    pg_temp.draw(n * 5 + position, 9) AS many) AS product
  CROSS JOIN LATERAL (SELECT 290 + (hashint8extended(sku, 10) & 8191) AS price,
    CASE WHEN many < 0.75 THEN 1 WHEN many < 0.9 THEN 2 WHEN many < 0.97 THEN 3 ELSE 4 + floor((many - 0.97) * 200)::int END
      AS quantity) AS priced`;

/**
 * What became of each order by the end of the period. By `fate`: cancelled unpaid, cancelled paid, refunded, refunded in
 * part, never paid (some in part), paid in two parts, or simply paid; then shipped and delivered.
 */
export function decideFates(endsMs) {
  return `
    CREATE TEMP TABLE fates ON COMMIT DROP AS
    SELECT drawn.n, id, user_id, currency, placed_ms, total, paid_ms, part_ms, closed_ms, is_paid, is_part, is_closed, in_parts,
      CASE WHEN is_paid THEN total WHEN is_part THEN total / 2 ELSE 0 END AS paid,
      CASE WHEN is_closed AND is_paid THEN CASE WHEN fate < 0.09 THEN total ELSE total / 4 END ELSE 0 END AS refunded,
      CASE WHEN is_closed AND fate < 0.06 THEN 'cancelled' WHEN is_closed AND fate < 0.09 THEN 'refunded'
           WHEN NOT is_paid THEN 'pending' WHEN is_delivered THEN 'delivered' WHEN is_shipped THEN 'shipped' ELSE 'paid' END AS status,
      1 + CASE WHEN is_paid THEN 1 + in_parts::int ELSE is_part::int END
        + is_shipped::int + is_delivered::int + is_closed::int AS version,
      greatest(placed_ms, CASE WHEN is_part THEN part_ms END, CASE WHEN is_paid THEN paid_ms END,
        CASE WHEN is_shipped THEN shipped_ms END, CASE WHEN is_delivered THEN delivered_ms END,
        CASE WHEN is_closed THEN closed_ms END) AS updated_ms
    FROM drawn JOIN (SELECT n, sum(line)::bigint AS total FROM drawn_items GROUP BY n) AS totals USING (n)
    CROSS JOIN LATERAL (SELECT pg_temp.draw(n, 11) AS fate, pg_temp.draw(n, 12) AS later,
      placed_ms + 20000 + floor(power(pg_temp.draw(n, 13), 4) * 259200000)::bigint AS part_ms) AS lot
    CROSS JOIN LATERAL (SELECT fate >= 0.14 AND fate < 0.2 AS in_parts) AS shape
    CROSS JOIN LATERAL (SELECT part_ms + CASE WHEN in_parts THEN 3600000 + floor(later * 86400000)::bigint ELSE 0 END AS paid_ms) AS money
    CROSS JOIN LATERAL (SELECT paid_ms + 43200000 + floor(later * 129600000)::bigint AS shipped_ms,
      CASE WHEN fate < 0.03 THEN placed_ms + 60000 + floor(later * 86400000)::bigint
           WHEN fate < 0.06 THEN paid_ms + 60000 + floor(later * 39600000)::bigint
           ELSE paid_ms + 604800000 + floor(later * 1209600000)::bigint END AS closed_ms) AS journey
    CROSS JOIN LATERAL (SELECT shipped_ms + 86400000 + floor(pg_temp.draw(n, 14) * 259200000)::bigint AS delivered_ms,
      fate >= 0.03 AND NOT (fate >= 0.12 AND fate < 0.14) AND paid_ms < ${endsMs} AS is_paid) AS settled
    CROSS JOIN LATERAL (SELECT NOT is_paid AND part_ms < ${endsMs} AND (in_parts OR fate >= 0.132 AND fate < 0.14) AS is_part,
      is_paid AND fate >= 0.06 AND shipped_ms < ${endsMs} AS is_shipped,
      is_paid AND fate >= 0.06 AND delivered_ms < ${endsMs} AS is_delivered,
      closed_ms < ${endsMs} AND (fate < 0.03 OR is_paid AND fate < 0.12) AS is_closed) AS steps`;
}

export const INSERTS = [
  `INSERT INTO orders (id, user_id, status, currency, total_cents, paid_cents, refunded_cents, placed_at, updated_at, version)
   SELECT id, user_id, status, currency, total, paid, refunded, pg_temp.moment(placed_ms), pg_temp.moment(updated_ms), version
   FROM fates ORDER BY n`,
  `INSERT INTO order_items (id, order_id, position, sku, name, quantity, unit_price_cents, line_cents)
   SELECT id, order_id, position, sku, name, quantity, price, line FROM drawn_items ORDER BY n, position`,
  `INSERT INTO transactions (id, order_id, kind, amount_cents, currency, method, reason, reference, created_at)
   SELECT pg_temp.uuid7(ms, n * 3 + step), id, kind, cents, currency, method, reason, id || '/' || booked_on, pg_temp.moment(ms)
   FROM fates CROSS JOIN LATERAL (VALUES
     (0, 'payment', part_ms, CASE WHEN in_parts OR is_part THEN total / 2 ELSE total END, 'card', NULL, 1, is_paid OR is_part),
     (1, 'payment', paid_ms, total - total / 2, 'transfer', NULL, 2, is_paid AND in_parts),
     (2, 'refund', closed_ms, refunded, NULL, 'Sent back.', version - 1, refunded > 0)
   ) AS movement (step, kind, ms, cents, method, reason, booked_on, is_booked)
   WHERE is_booked ORDER BY n, step`,
];

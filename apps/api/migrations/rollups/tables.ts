/**
 * What the rollups are made of. Sums of cents are `numeric`: a sum must never overflow in the transaction of a writer.
 * The tables of changes have no key and no index: writers append and never meet.
 */
export const TABLES = [
  `CREATE TABLE analytics_changes (
    at timestamptz NOT NULL,
    currency text NOT NULL,
    user_id uuid NOT NULL,
    status text,
    orders bigint NOT NULL DEFAULT 0,
    total_cents numeric NOT NULL DEFAULT 0,
    payments_cents numeric NOT NULL DEFAULT 0,
    refunds_cents numeric NOT NULL DEFAULT 0,
    writes bigint NOT NULL DEFAULT 0
  )`,
  `CREATE TABLE analytics_item_changes (
    at timestamptz NOT NULL,
    currency text NOT NULL,
    sku text NOT NULL,
    orders bigint NOT NULL,
    quantity bigint NOT NULL,
    gross_cents numeric NOT NULL
  )`,
  `CREATE TABLE analytics_user_changes (active bigint NOT NULL, moved bigint NOT NULL)`,
  // How orders were before the statement that moves or deletes them; nothing of it outlives the transaction.
  `CREATE TABLE analytics_moves (
    xid xid8 NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    currency text NOT NULL,
    placed_at timestamptz NOT NULL
  )`,
  // They are filled and emptied all the time, and read whole: dead rows must not pile up.
  ...['analytics_changes', 'analytics_item_changes', 'analytics_user_changes'].map(
    (table) => `ALTER TABLE ${table} SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
      autovacuum_vacuum_insert_threshold = -1, autovacuum_vacuum_cost_delay = 0)`,
  ),
  `CREATE TABLE analytics_revenue (
    grain text NOT NULL,
    currency text NOT NULL,
    start timestamptz NOT NULL,
    orders bigint NOT NULL,
    total_cents numeric NOT NULL,
    payments_cents numeric NOT NULL,
    refunds_cents numeric NOT NULL,
    writes bigint NOT NULL,
    CONSTRAINT analytics_revenue_pkey PRIMARY KEY (grain, currency, start)
  ) WITH (fillfactor = 70)`,
  `CREATE TABLE analytics_customers (
    user_id uuid NOT NULL,
    grain text NOT NULL,
    currency text NOT NULL,
    start timestamptz NOT NULL,
    orders bigint NOT NULL,
    kept_orders bigint NOT NULL,
    kept_cents numeric NOT NULL,
    payments_cents numeric NOT NULL,
    refunds_cents numeric NOT NULL,
    CONSTRAINT analytics_customers_pkey PRIMARY KEY (user_id, grain, currency, start)
  )`,
  `CREATE INDEX analytics_customers_payments_idx ON analytics_customers (currency, start, payments_cents DESC)
    WHERE grain = 'month'`,
  `CREATE INDEX analytics_customers_orders_idx ON analytics_customers (currency, start, orders DESC)
    WHERE grain = 'month'`,
  `CREATE TABLE analytics_statuses (
    start timestamptz NOT NULL,
    status text NOT NULL,
    orders bigint NOT NULL,
    CONSTRAINT analytics_statuses_pkey PRIMARY KEY (start, status)
  ) WITH (fillfactor = 70)`,
  `CREATE TABLE analytics_products (
    grain text NOT NULL,
    currency text NOT NULL,
    start timestamptz NOT NULL,
    sku text NOT NULL,
    orders bigint NOT NULL,
    quantity bigint NOT NULL,
    gross_cents numeric NOT NULL,
    CONSTRAINT analytics_products_pkey PRIMARY KEY (grain, currency, start, sku)
  )`,
  `CREATE TABLE analytics_users (
    one boolean NOT NULL,
    active bigint NOT NULL,
    moved bigint NOT NULL,
    CONSTRAINT analytics_users_pkey PRIMARY KEY (one),
    CONSTRAINT analytics_users_one_check CHECK (one)
  )`,
  // What no sum can tell, computed when somebody asks, and good as long as the writes of its period are the same. They are
  // counted for each grain: mending a rollup adds to them, and one grain may have more that differs than another.
  `CREATE TABLE analytics_percentiles (
    grain text NOT NULL,
    currency text NOT NULL,
    after timestamptz NOT NULL,
    before timestamptz NOT NULL,
    writes bigint NOT NULL,
    p50_cents bigint NOT NULL,
    p95_cents bigint NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT analytics_percentiles_pkey PRIMARY KEY (grain, currency, after, before)
  )`,
  `CREATE TABLE analytics_cohorts (
    grain text NOT NULL,
    registered_after timestamptz NOT NULL,
    registered_before timestamptz NOT NULL,
    after timestamptz NOT NULL,
    before timestamptz NOT NULL,
    writes bigint NOT NULL,
    moved bigint NOT NULL,
    active bigint NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT analytics_cohorts_pkey PRIMARY KEY (grain, registered_after, registered_before, after, before)
  )`,
];

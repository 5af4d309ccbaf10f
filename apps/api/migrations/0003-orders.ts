import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Orders0000000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createOrders(runner);
    await createItems(runner);
    await createTransactions(runner);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}

async function createOrders(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE orders (
      id uuid NOT NULL,
      user_id uuid NOT NULL,
      status text NOT NULL,
      currency text NOT NULL,
      total_cents bigint NOT NULL,
      paid_cents bigint NOT NULL DEFAULT 0,
      refunded_cents bigint NOT NULL DEFAULT 0,
      note text,
      placed_at timestamptz(3) NOT NULL DEFAULT now(),
      updated_at timestamptz(3) NOT NULL DEFAULT now(),
      version integer NOT NULL,
      CONSTRAINT orders_pkey PRIMARY KEY (id),
      CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id),
      CONSTRAINT orders_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
      CONSTRAINT orders_total_cents_check CHECK (total_cents >= 1),
      CONSTRAINT orders_paid_cents_check CHECK (paid_cents >= 0 AND paid_cents <= total_cents),
      CONSTRAINT orders_refunded_cents_check CHECK (refunded_cents >= 0 AND refunded_cents <= paid_cents),
      CONSTRAINT orders_status_check CHECK (CASE status
        WHEN 'pending' THEN paid_cents < total_cents AND refunded_cents = 0
        WHEN 'paid' THEN paid_cents = total_cents AND refunded_cents < paid_cents
        WHEN 'shipped' THEN paid_cents = total_cents AND refunded_cents < paid_cents
        WHEN 'delivered' THEN paid_cents = total_cents AND refunded_cents < paid_cents
        WHEN 'cancelled' THEN refunded_cents = paid_cents
        WHEN 'refunded' THEN paid_cents = total_cents AND refunded_cents = paid_cents
        ELSE false END)
    )`);
  await runner.query('CREATE INDEX orders_placed_at_id_idx ON orders (placed_at, id)');
  await runner.query('CREATE INDEX orders_user_id_placed_at_id_idx ON orders (user_id, placed_at, id)');
  await runner.query('CREATE INDEX orders_status_placed_at_id_idx ON orders (status, placed_at, id)');
}

async function createItems(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE order_items (
      id uuid NOT NULL,
      order_id uuid NOT NULL,
      position smallint NOT NULL,
      sku text NOT NULL,
      name text NOT NULL,
      quantity integer NOT NULL,
      unit_price_cents bigint NOT NULL,
      line_cents bigint NOT NULL,
      CONSTRAINT order_items_pkey PRIMARY KEY (id),
      CONSTRAINT order_items_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
      CONSTRAINT order_items_order_id_sku_key UNIQUE (order_id, sku),
      CONSTRAINT order_items_quantity_check CHECK (quantity >= 1),
      CONSTRAINT order_items_unit_price_cents_check CHECK (unit_price_cents >= 0),
      CONSTRAINT order_items_line_cents_check CHECK (line_cents = quantity * unit_price_cents)
    )`);
  await runner.query('CREATE INDEX order_items_sku_idx ON order_items (sku, order_id)');
}

async function createTransactions(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE transactions (
      id uuid NOT NULL,
      order_id uuid NOT NULL,
      kind text NOT NULL,
      amount_cents bigint NOT NULL,
      currency text NOT NULL,
      method text,
      reason text,
      reference text NOT NULL,
      created_at timestamptz(3) NOT NULL DEFAULT now(),
      CONSTRAINT transactions_pkey PRIMARY KEY (id),
      CONSTRAINT transactions_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id),
      CONSTRAINT transactions_amount_cents_check CHECK (amount_cents > 0),
      CONSTRAINT transactions_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
      CONSTRAINT transactions_kind_check CHECK (kind IN ('payment', 'refund')),
      CONSTRAINT transactions_method_check CHECK (method IN ('card', 'transfer', 'cash', 'other'))
    )`);
  await runner.query('CREATE UNIQUE INDEX transactions_reference_key ON transactions (reference)');
  await runner.query('CREATE INDEX transactions_order_id_created_at_id_idx ON transactions (order_id, created_at, id)');
  await runner.query('CREATE INDEX transactions_created_at_idx ON transactions (created_at)');
}

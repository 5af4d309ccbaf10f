import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Imports0000000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // A table of its own keeps orders as narrow as they are. Deferred, because a row is claimed before its order is made.
    await runner.query(`
      CREATE TABLE order_imports (
        external_id text NOT NULL,
        order_id uuid NOT NULL,
        fingerprint text,
        CONSTRAINT order_imports_pkey PRIMARY KEY (external_id),
        CONSTRAINT order_imports_order_id_key UNIQUE (order_id),
        CONSTRAINT order_imports_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id)
          ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
      )`);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}

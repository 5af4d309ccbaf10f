import type { MigrationInterface, QueryRunner } from 'typeorm';

export class IdempotencyKeys0000000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE idempotency_keys (
        scope text NOT NULL,
        key text NOT NULL,
        fingerprint text NOT NULL,
        status smallint,
        headers jsonb,
        body text,
        changes text[] NOT NULL DEFAULT '{}',
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT idempotency_keys_pkey PRIMARY KEY (scope, key),
        CONSTRAINT idempotency_keys_answer_check CHECK
          ((status IS NULL) = (headers IS NULL) AND (status IS NULL) = (body IS NULL))
      )`);
    await runner.query('CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at)');
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}

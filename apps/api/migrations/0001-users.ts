import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Users0000000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE users (
        id uuid NOT NULL,
        name text NOT NULL,
        email text NOT NULL,
        email_key text NOT NULL,
        age smallint,
        roles text[] NOT NULL,
        disabled boolean NOT NULL DEFAULT false,
        password_hash text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        deleted_at timestamptz(3),
        version integer NOT NULL,
        CONSTRAINT users_pkey PRIMARY KEY (id),
        CONSTRAINT users_name_check CHECK (char_length(name) >= 1 AND char_length(name) <= 100),
        CONSTRAINT users_age_check CHECK (age >= 0 AND age <= 150),
        CONSTRAINT users_roles_check CHECK ('customer' = ANY (roles) AND roles <@ ARRAY['customer', 'analyst', 'admin'])
      )`);
    await runner.query('CREATE UNIQUE INDEX users_email_key_active ON users (email_key) WHERE deleted_at IS NULL');
    await runner.query('CREATE INDEX users_created_at_id_idx ON users (created_at, id)');
    await runner.query('CREATE INDEX users_name_prefix_idx ON users (lower(name) text_pattern_ops)');
    await runner.query('CREATE INDEX users_roles_idx ON users USING gin (roles)');
  }

  /** Forward only: a mistake is mended by the next migration. */
  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}

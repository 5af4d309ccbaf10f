import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Sessions0000000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sessions (
        id uuid NOT NULL,
        user_id uuid NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        last_used_at timestamptz(3) NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        user_agent text,
        ip text,
        revoked_at timestamptz(3),
        CONSTRAINT sessions_pkey PRIMARY KEY (id),
        CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id)
      )`);
    await runner.query('CREATE INDEX sessions_user_id_created_at_id_idx ON sessions (user_id, created_at, id)');
    await runner.query('CREATE INDEX sessions_revoked_at_idx ON sessions (revoked_at) WHERE revoked_at IS NOT NULL');
    await runner.query(`
      CREATE TABLE refresh_tokens (
        id uuid NOT NULL,
        session_id uuid NOT NULL,
        parent_id uuid,
        token_hash text NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        spent_at timestamptz(3),
        CONSTRAINT refresh_tokens_pkey PRIMARY KEY (id),
        CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE,
        CONSTRAINT refresh_tokens_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES refresh_tokens (id) ON DELETE CASCADE
      )`);
    await runner.query('CREATE UNIQUE INDEX refresh_tokens_token_hash_key ON refresh_tokens (token_hash)');
    await runner.query('CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id)');
    await runner.query('CREATE INDEX refresh_tokens_parent_id_idx ON refresh_tokens (parent_id)');
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}

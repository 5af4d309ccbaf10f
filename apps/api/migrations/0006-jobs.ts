import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Jobs0000000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createJobs(runner);
    await createLines(runner);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}

/** `created_by` has no foreign key: a job outlives whatever becomes of the row of its user. */
async function createJobs(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE jobs (
      id uuid NOT NULL,
      type text NOT NULL,
      status text NOT NULL,
      payload json,
      created_by uuid,
      request_id text NOT NULL,
      progress_done bigint NOT NULL DEFAULT 0,
      progress_total bigint,
      partial json,
      result json,
      problem json,
      attempt integer NOT NULL DEFAULT 0,
      failures smallint NOT NULL DEFAULT 0,
      interruptions smallint NOT NULL DEFAULT 0,
      revision integer NOT NULL DEFAULT 1,
      delivery uuid NOT NULL,
      created_at timestamptz(3) NOT NULL DEFAULT now(),
      started_at timestamptz(3),
      finished_at timestamptz(3),
      CONSTRAINT jobs_pkey PRIMARY KEY (id),
      CONSTRAINT jobs_status_check CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
      CONSTRAINT jobs_progress_check CHECK (progress_done >= 0 AND progress_total >= 0),
      CONSTRAINT jobs_finished_at_check CHECK ((finished_at IS NULL) = (status IN ('queued', 'running')))
    )`);
  await runner.query('CREATE UNIQUE INDEX jobs_delivery_key ON jobs (delivery)');
  await runner.query('CREATE INDEX jobs_created_at_id_idx ON jobs (created_at, id)');
  await runner.query('CREATE INDEX jobs_created_by_created_at_id_idx ON jobs (created_by, created_at, id)');
  await runner.query('CREATE INDEX jobs_status_created_at_id_idx ON jobs (status, created_at, id)');
  await runner.query('CREATE INDEX jobs_type_created_at_id_idx ON jobs (type, created_at, id)');
}

async function createLines(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE job_lines (
      job_id uuid NOT NULL,
      part integer NOT NULL,
      first_line integer NOT NULL,
      lines bytea NOT NULL,
      CONSTRAINT job_lines_pkey PRIMARY KEY (job_id, part),
      CONSTRAINT job_lines_job_id_fkey FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE CASCADE
    )`);
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** docs/audit.md says what it keeps from whom. */
export class Audit0000000000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createLog(runner);
    await refuseChanges(runner);
    await runner.query(REVOKE);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}

/** No foreign keys: a row outlives whatever becomes of what it tells of. An index for each filter of the list. */
async function createLog(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE audit_log (
      id uuid NOT NULL,
      at timestamptz(3) NOT NULL,
      actor_id uuid,
      action text NOT NULL,
      subject_type text NOT NULL,
      subject_id uuid,
      request_id text,
      changes jsonb NOT NULL,
      CONSTRAINT audit_log_pkey PRIMARY KEY (id),
      CONSTRAINT audit_log_action_check CHECK (action ~ '^[a-z_]+[.][a-z_]+$'),
      CONSTRAINT audit_log_changes_check CHECK (jsonb_typeof(changes) = 'object')
    )`);
  await runner.query('CREATE INDEX audit_log_at_id_idx ON audit_log (at, id)');
  for (const column of ['actor_id', 'action', 'subject_type', 'subject_id', 'request_id']) {
    await runner.query(`CREATE INDEX audit_log_${column}_at_id_idx ON audit_log (${column}, at, id)`);
  }
}

/** For everyone, the owner and superusers too; `ALWAYS`: also for sessions that replicate, in which triggers sleep. */
async function refuseChanges(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
      RAISE EXCEPTION 'audit_log is append-only: % is refused', tg_op USING ERRCODE = 'insufficient_privilege';
    END $$`);
  await runner.query(`
    CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse()`);
  await runner.query('ALTER TABLE audit_log ENABLE ALWAYS TRIGGER audit_log_append_only');
}

/** From its owner, and from whomever default privileges gave them to when the table was made. */
const REVOKE = `
  DO $$
  DECLARE holder text;
  BEGIN
    FOR holder IN
      SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END
      FROM pg_class, aclexplode(coalesce(relacl, acldefault('r', relowner))) WHERE oid = 'audit_log'::regclass
    LOOP
      EXECUTE 'REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON audit_log FROM ' || holder;
    END LOOP;
  END $$`;

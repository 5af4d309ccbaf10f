import { AppLogger } from '@app/logging';
import { type DataSource, type EntityManager, type Migration, MigrationExecutor } from 'typeorm';
import { type DatabaseSettings, directUrlOf } from './data-source-options.js';
import { DatabaseStartError } from './database-start.error.js';
import type { ForeignSchema } from './foreign-schema.js';
import { openDataSource } from './open-data-source.js';

/** Any number that no one else locks in this database; the same in every instance. */
const LOCK = 7_046_029_254;
/** A migration may rewrite a table: minutes, not the seconds of a request. */
const MIGRATION_TIMEOUT_MS = 600_000;

/**
 * Brings the schema up to the newest migration. Instances that start at the same time queue on an advisory lock; the
 * later ones then find nothing to do. All pending migrations commit together or not at all; the schemas of libraries
 * follow, each by itself, and see to it themselves that instances do not meet.
 *
 * @returns names of the migrations that were run.
 */
export async function migrateSchema(settings: DatabaseSettings): Promise<string[]> {
  return withMigrationSource(settings, async (source) => {
    const done = await runMigrations(source, settings.foreignSchemas);
    const names = done.map((migration) => migration.name);
    if (names.length > 0) new AppLogger('Migrations').info('schema migrated', { migrations: names });
    for (const foreign of settings.foreignSchemas ?? []) {
      if (!(await foreign.isCurrent(source))) await foreign.migrate(directUrlOf(settings));
    }
    return names;
  });
}

/** @throws DatabaseStartError naming the remedy when a migration is pending. */
export async function requireCurrentSchema(settings: DatabaseSettings): Promise<void> {
  const isCurrent = await withMigrationSource(settings, async (source) => {
    const foreign = await Promise.all((settings.foreignSchemas ?? []).map((schema) => schema.isCurrent(source)));
    return foreign.every(Boolean) && !(await source.showMigrations());
  });
  if (isCurrent) return;
  throw new DatabaseStartError('the schema is older than this version: run `npm run migrate`, or set MIGRATE=auto');
}

/**
 * Lock and limit are those of the one transaction. Behind a pooler in transaction mode a lock of the session would stay
 * with a server connection that nobody can name, and a second connection for it could be one more than the pooler has.
 */
function runMigrations(source: DataSource, foreignSchemas: readonly ForeignSchema[] = []): Promise<Migration[]> {
  return source.transaction(async (manager) => {
    await manager.query(`SELECT set_config('statement_timeout', $1, true)`, [String(MIGRATION_TIMEOUT_MS)]);
    await manager.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    for (const { name } of foreignSchemas) await makeSchema(name, manager);
    return new MigrationExecutor(source, manager.queryRunner).executePendingMigrations();
  });
}

/** IF NOT EXISTS asks for the right to make it first, which a role that has nothing to migrate need not have. */
async function makeSchema(name: string, manager: EntityManager): Promise<void> {
  const [row] = await manager.query<{ isThere: boolean }[]>('SELECT to_regnamespace($1) IS NOT NULL AS "isThere"', [
    name,
  ]);
  if (!row?.isThere) await manager.query(`CREATE SCHEMA ${name}`);
}

async function withMigrationSource<T>(
  settings: DatabaseSettings,
  work: (source: DataSource) => Promise<T>,
): Promise<T> {
  const source = await openDataSource({
    ...settings,
    url: directUrlOf(settings),
    entities: [], // migrations speak SQL
    poolMax: 1,
    statementTimeoutMs: MIGRATION_TIMEOUT_MS,
    applicationName: 'plinth-migrate',
  });
  try {
    return await work(source);
  } finally {
    await source.destroy();
  }
}

import { AppLogger } from '@app/logging';
import type { DataSource, QueryRunner } from 'typeorm';
import type { DatabaseSettings } from './data-source-options.js';
import { DatabaseStartError } from './database-start.error.js';
import { openDataSource } from './open-data-source.js';

/** Any number that no one else locks in this database; the same in every instance. */
const LOCK = 7_046_029_254;
/** A migration may rewrite a table: minutes, not the seconds of a request. */
const MIGRATION_TIMEOUT_MS = 600_000;

/**
 * Brings the schema up to the newest migration. Instances that start at the same time queue on an advisory lock; the
 * later ones then find nothing to do. All pending migrations commit together or not at all; the schemas of libraries
 * follow, each by itself.
 *
 * @returns names of the migrations that were run.
 */
export async function migrateSchema(settings: DatabaseSettings): Promise<string[]> {
  return withMigrationSource(settings, async (source, lock) => {
    await lock.query('SELECT pg_advisory_lock($1)', [LOCK]);
    const done = await source.runMigrations({ transaction: 'all' });
    const names = done.map((migration) => migration.name);
    if (names.length > 0) new AppLogger('Migrations').info('schema migrated', { migrations: names });
    for (const foreign of settings.foreignSchemas ?? []) {
      if (!(await foreign.isCurrent(source))) await foreign.migrate(settings.url);
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

async function withMigrationSource<T>(
  settings: DatabaseSettings,
  work: (source: DataSource, runner: QueryRunner) => Promise<T>,
): Promise<T> {
  // Two connections: one holds the lock, one migrates. Both end here, and the lock with them.
  const source = await openDataSource({
    ...settings,
    entities: [], // migrations speak SQL
    poolMax: 2,
    statementTimeoutMs: MIGRATION_TIMEOUT_MS,
    applicationName: 'plinth-migrate',
  });
  try {
    return await work(source, source.createQueryRunner());
  } finally {
    await source.destroy();
  }
}

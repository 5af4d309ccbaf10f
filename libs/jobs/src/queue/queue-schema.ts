import { createRequire } from 'node:module';
import type { ForeignSchema } from '@app/database';
import { PgBoss } from 'pg-boss';

/** Where pg-boss keeps its tables, beside those of the application. */
export const QUEUE_SCHEMA = 'pgboss';

const EXISTS = `SELECT to_regclass('${QUEUE_SCHEMA}.version') IS NOT NULL AS "isThere"`;
const VERSION = `SELECT version FROM ${QUEUE_SCHEMA}.version`;

/**
 * The tables of pg-boss. It brings them up by itself, from any version to the installed one: as one of our migrations,
 * they would be those of whatever version was installed on the day, and a fresh database would not be as an old one.
 */
export const queueSchema: ForeignSchema = {
  name: QUEUE_SCHEMA,

  async isCurrent(source) {
    const [found] = await source.query<{ isThere: boolean }[]>(EXISTS);
    if (!found?.isThere) return false;
    const [row] = await source.query<{ version: number }[]>(VERSION);
    return row !== undefined && row.version >= installedVersion();
  },

  async migrate(url) {
    const boss = new PgBoss({
      connectionString: url,
      schema: QUEUE_SCHEMA,
      application_name: 'plinth-migrate',
      max: 1,
      migrate: true,
      supervise: false,
      schedule: false,
      registerInstance: false,
    });
    boss.on('error', () => undefined); // what matters rejects start()
    try {
      await boss.start();
    } finally {
      await boss.stop({ graceful: false });
    }
  },
};

/** pg-boss says in its manifest which version of its tables it works with. */
function installedVersion(): number {
  const manifest: { pgboss?: { schema?: unknown } } = createRequire(import.meta.url)('pg-boss/package.json');
  const version = manifest.pgboss?.schema;
  if (typeof version !== 'number') throw new Error('pg-boss does not say which schema it needs');
  return version;
}

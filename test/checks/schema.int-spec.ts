import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dataSourceOptions } from '@app/database';
import { DataSource } from 'typeorm';
import { MIGRATIONS } from '../../apps/api/migrations/index.js';
import { ENTITIES } from '../../apps/api/src/app.entities.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  const settings = { url: database.url, poolMax: 1, statementTimeoutMs: 15_000, applicationName: 'schema-check' };
  dataSource = await new DataSource(
    dataSourceOptions({ ...settings, entities: ENTITIES, migrations: MIGRATIONS }),
  ).initialize();
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** By the kind of constraint in `pg_constraint.contype`; `i` for an index that stands for itself. */
const SUFFIXES: Readonly<Record<string, RegExp>> = {
  p: /_pkey$/,
  f: /_fkey$/,
  u: /_key$/,
  c: /_check$/,
  i: /_(idx|key|key_active)$/,
};

/** TypeORM names the key of its own table itself. */
const OURS = `relnamespace = 'public'::regnamespace AND relname <> 'migrations'`;

const NAMES = `
  SELECT relname AS table, conname AS name, contype AS kind
  FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid WHERE ${OURS}
  UNION ALL
  SELECT relname, indexrelid::regclass::text, 'i'
  FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid
  WHERE ${OURS} AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = x.indexrelid AND c.contype IN ('p', 'u'))`;

const FOREIGN_KEYS_WITHOUT_INDEX = `
  SELECT conname AS name FROM pg_constraint c
  WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND NOT EXISTS (
    SELECT FROM pg_index x
    WHERE x.indrelid = c.conrelid AND x.indpred IS NULL AND x.indisvalid
      AND (x.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
  )`;

/** Indexes that TypeORM has no words for: `synchronize: false` in their entities. */
const BEYOND_TYPEORM = ['users_name_prefix_idx', 'users_roles_idx'];

/** The rollups belong to the triggers that fill them: no entity reads or writes them. */
const OF_ENTITIES = `${OURS} AND relname NOT LIKE 'analytics\\_%'`;

const DEFINITIONS = `
  SELECT relname AS table, CASE contype WHEN 'p' THEN 'primary key' ELSE conname END AS name, pg_get_constraintdef(c.oid) AS definition
  FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid WHERE ${OF_ENTITIES}
  UNION ALL
  SELECT relname, indexrelid::regclass::text, pg_get_indexdef(indexrelid)
  FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid
  WHERE ${OF_ENTITIES} AND NOT indisprimary AND NOT indexrelid::regclass::text = ANY ($1)
  ORDER BY 1, 2, 3`;

describe('the migrated schema', () => {
  it('compared with the entities → nothing to change', async () => {
    expect(await drift()).toEqual([]);
  });

  it.each([
    ['a column that no entity has', 'ALTER TABLE orders ADD COLUMN colour text', 'DROP COLUMN "colour"'],
    ['a column of another type', 'ALTER TABLE users ALTER COLUMN age TYPE integer', '"age"'],
    ['a column that is missing', 'ALTER TABLE orders DROP COLUMN note', 'ADD "note"'],
    [
      'a check that is missing',
      'ALTER TABLE orders DROP CONSTRAINT orders_total_cents_check',
      'orders_total_cents_check',
    ],
    ['a foreign key that is missing', 'ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey', 'orders_user_id_fkey'],
    ['an index that is missing', 'DROP INDEX users_email_key_active', 'users_email_key_active'],
  ])('%s → is seen', async (_what, change, told) => {
    const queries = await after(change, drift);
    expect(queries.join('\n')).toContain(told);
  });

  it('constraints and indexes compared word for word with those of the entities → the same', async () => {
    // TypeORM itself compares little more than the names.
    const migrated = await definitions();
    const made = await after('DROP SCHEMA public CASCADE; CREATE SCHEMA public', async () => {
      for (const query of await drift()) await dataSource.query(query);
      return definitions();
    });
    expect(migrated).toEqual(made);
  });

  it('every foreign key → an index begins with its columns', async () => {
    expect(await dataSource.query(FOREIGN_KEYS_WITHOUT_INDEX)).toEqual([]);
  });

  it('a foreign key without its index → is seen', async () => {
    const found = await after('DROP INDEX orders_user_id_placed_at_id_idx', () =>
      dataSource.query(FOREIGN_KEYS_WITHOUT_INDEX),
    );
    expect(found).toEqual([{ name: 'orders_user_id_fkey' }]);
  });

  it('every constraint and index → is named after its table and its kind', async () => {
    expect(await misnamed()).toEqual([]);
  });

  it.each([
    ['a constraint', 'ALTER TABLE users RENAME CONSTRAINT users_age_check TO "CHK_8c82d7f526"', 'CHK_8c82d7f526'],
    ['an index', 'ALTER INDEX orders_placed_at_id_idx RENAME TO idx_8c82d7f526', 'idx_8c82d7f526'],
  ])('%s with a name of another pattern → is seen', async (_what, change, name) => {
    expect(await after(change, misnamed)).toEqual([name]);
  });
});

/** What TypeORM would run to bring the tables to what the entities say: its own `schema:log`. */
async function drift(): Promise<string[]> {
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
  return upQueries.map(({ query }) => query);
}

async function definitions(): Promise<unknown> {
  return dataSource.query(DEFINITIONS, [BEYOND_TYPEORM]);
}

async function misnamed(): Promise<string[]> {
  const names: { table: string; name: string; kind: string }[] = await dataSource.query(NAMES);
  expect(new Set(names.map(({ kind }) => kind))).toEqual(new Set(Object.keys(SUFFIXES)));
  return names
    .filter(({ table, name, kind }) => !name.startsWith(`${table}_`) || !SUFFIXES[kind]?.test(name))
    .map(({ name }) => name);
}

/** Looks at the schema after a change that is never committed: the pool has one connection, so everyone sees it. */
async function after<T>(change: string, look: () => Promise<T>): Promise<T> {
  await dataSource.query('BEGIN');
  try {
    await dataSource.query(change);
    return await look();
  } finally {
    await dataSource.query('ROLLBACK');
  }
}

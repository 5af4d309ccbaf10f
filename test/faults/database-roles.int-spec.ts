import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import type { ApiClient } from '../support/api-client.js';
import { Cleanups } from '../support/cleanups.js';
import { cli } from '../support/cli.js';
import { aRow, done } from '../support/imports.js';
import { describeWith } from '../support/installed.js';
import { anItem } from '../support/orders.js';
import { KEYS, MIGRATE, ServerProcess } from '../support/server-process.js';
import { ThrowAwayPostgres } from '../support/throw-away-postgres.js';
import { pairOf, passwordGrant } from '../support/tokens.js';

const ROLES = 'deploy/postgres/roles.sql';
const ADMIN = { email: 'ann@example.com', password: "ann's own password" };
const PASSWORDS = { owner: "the owner's secret", app: 'the "app" secret' };

const forAll = Cleanups.afterAll();
let postgres: ThrowAwayPostgres;
let app: pg.Client;

/** As a deployment runs it, with secrets from files. */
async function makeRoles(variables: Readonly<Record<string, string>> = {}): Promise<void> {
  const directory = forAll.aDirectory();
  const files = Object.entries(PASSWORDS).map(([role, password]) => {
    const file = path.join(directory, role);
    fs.writeFileSync(file, `${password}\n`);
    return [`${role}_password_file`, file];
  });
  const given: Record<string, string> = { ...Object.fromEntries(files), ...variables };
  const settings = Object.entries(given).flatMap(([name, value]) => ['-v', `${name}=${value}`]);
  await promisify(execFile)('psql', ['-X', '-q', ...settings, '-f', ROLES, postgres.url]);
}

function urlOf(role: keyof typeof PASSWORDS): string {
  const url = new URL(postgres.url);
  Object.assign(url, { username: `plinth_${role}`, password: encodeURIComponent(PASSWORDS[role]) });
  return url.href;
}

const variablesOf = (role: keyof typeof PASSWORDS) => ({
  DATABASE_URL: urlOf(role),
  JWT_KEYS: KEYS,
  DEMO_DATA: 'false',
  MIGRATE: 'off',
  JOBS: 'inline',
});

async function migrateAs(role: keyof typeof PASSWORDS): Promise<string> {
  const migration = ServerProcess.spawn({ variables: variablesOf(role), entry: MIGRATE });
  forAll.add(() => migration.kill());
  return migration.ended();
}

async function start(): Promise<ApiClient> {
  const server = ServerProcess.spawn({ variables: variablesOf('app') });
  forAll.add(() => server.kill());
  return server.client();
}

describeWith('psql')('a role that owns and one that works', () => {
  beforeAll(async () => {
    postgres = await ThrowAwayPostgres.start();
    forAll.add(() => postgres.remove());
    await makeRoles();
    expect(await migrateAs('owner')).toBe('code 0');
    app = new pg.Client(urlOf('app'));
    await app.connect();
    forAll.add(() => app.end());
  }, 60_000);

  it('the role that works → the whole application', async () => {
    const made = await cli(['create-admin', '--email', ADMIN.email], {
      variables: variablesOf('app'),
      input: `${ADMIN.password}\n`,
    });
    expect([made.code, made.stderr]).toEqual([0, '']);
    const client = await start();
    const { access: as } = pairOf(
      await client.post('/auth/token', { body: passwordGrant(ADMIN.email, ADMIN.password) }),
    );
    const placed = await client.post('/orders', { as, body: { currency: 'USD', items: [anItem()] } });
    const order = `/orders/${placed.body.id}`;
    const paid = await client.post(`${order}/payments`, { as, body: { amountCents: 1_580, method: 'card' } });
    const refunded = await client.post(`${order}/refunds`, { as, body: { amountCents: 80, reason: 'Late.' } });
    expect([placed.status, paid.status, refunded.status]).toEqual([201, 201, 201]);
    const { body: me } = await client.get('/users/me', { as });
    const jobs = [
      await done(client, 'orders.import', { as, data: { orders: [aRow('roles-1', ADMIN.email)] } }),
      await done(client, 'analytics.verify', { as, data: {} }),
      await done(client, 'users.export', { as, data: { userId: me.id } }),
    ];
    expect(jobs.map(({ status, problem }) => [status, problem])).toEqual(Array(3).fill(['succeeded', null]));
    const { body: sums } = await client.get('/aggregate', { as });
    const cohorts = await client.get('/analytics/cohorts', { as });
    expect([sums.users, sums.orders, sums.revenue, cohorts.status]).toEqual([1, 2, { USD: 1_500 }, 200]);
    const log = await client.get('/audit', { as });
    expect(log.body.data.map(({ action }: { action: string }) => action)).toEqual([
      'order.placed',
      'order.refund',
      'order.payment',
      'order.placed',
      'session.created',
      'user.roles_changed',
      'user.created',
    ]);
    expect((await client.delete('/auth/sessions', { as })).status).toBe(204);
    expect((await client.get('/users/me', { as })).status).toBe(401);
  });

  it.each([
    ['UPDATE', 'UPDATE audit_log SET actor_id = NULL'],
    ['DELETE', 'DELETE FROM audit_log'],
    ['TRUNCATE', 'TRUNCATE audit_log'],
    [
      'INSERT over a row',
      `INSERT INTO audit_log SELECT * FROM audit_log ON CONFLICT (id) DO UPDATE SET changes = '{}'`,
    ],
    ['MERGE', 'MERGE INTO audit_log l USING users u ON true WHEN MATCHED THEN DELETE'],
    ['a sleeping trigger', 'ALTER TABLE audit_log DISABLE TRIGGER ALL'],
    ['no trigger', 'DROP TRIGGER audit_log_append_only ON audit_log'],
    ['another trigger', 'CREATE TRIGGER a BEFORE INSERT ON audit_log EXECUTE FUNCTION audit_log_refuse()'],
    ['a harmless function', `CREATE OR REPLACE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE sql AS ''`],
    ['a rule', 'CREATE RULE a AS ON INSERT TO audit_log DO INSTEAD NOTHING'],
    ['another name', 'ALTER TABLE audit_log RENAME TO away'],
    ['another owner', 'ALTER TABLE audit_log OWNER TO plinth_app'],
    ['no table', 'DROP TABLE audit_log'],
    ['no schema', 'DROP SCHEMA public CASCADE'],
    ['a table of its own', 'CREATE TABLE mine (id int)'],
    ['a table that hides it', 'CREATE TEMP TABLE audit_log (id int)'],
    ['a session that replicates', 'SET session_replication_role = replica'],
    ['the role of the owner', 'SET ROLE plinth_owner'],
    // Without the right to, it warns and does nothing.
    ['a privilege', 'GRANT DELETE ON audit_log TO plinth_app; DELETE FROM audit_log'],
    ['a membership', 'GRANT plinth_owner TO plinth_app'],
    ['a program of the server', `COPY audit_log TO PROGRAM 'true'`],
  ])('%s, by the role that works → refused', async (_how, statement) => {
    const before = await app.query('SELECT * FROM audit_log ORDER BY id');
    await app.query('BEGIN');
    await expect(app.query(statement)).rejects.toMatchObject({ code: '42501' });
    await app.query('ROLLBACK');
    const after = await app.query('SELECT * FROM audit_log ORDER BY id');
    expect(after.rows).toEqual(before.rows);
  });

  it('made again after the migration → no privilege more on the log', async () => {
    await makeRoles();
    const [row] = await postgres.query<{ held: string[] }>(
      `SELECT array_agg(privilege ORDER BY privilege) FILTER (WHERE has_table_privilege('plinth_app', 'audit_log', privilege))
         AS held FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege`,
    );
    expect(row?.held).toEqual(['INSERT', 'SELECT']);
    expect(await migrateAs('owner')).toBe('code 0');
  });

  it('a role that could make itself the owner, or no password → refused', async () => {
    const role = `r${randomUUID().replaceAll('-', '')}`;
    await postgres.query(`CREATE ROLE ${role} SUPERUSER`);
    await expect(makeRoles({ app: role })).rejects.toThrow(/too mighty/);
    await expect(makeRoles({ app_password_file: '/dev/null' })).rejects.toThrow(/password/);
  });
});

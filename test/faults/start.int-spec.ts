import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { migrateSchema } from '@app/database';
import { configureLogging } from '@app/logging';
import { MIGRATIONS } from '../../apps/api/migrations/index.js';
import { Cleanups } from '../support/cleanups.js';
import { valuesOf } from '../support/embedded-server.js';
import { HeldLock } from '../support/held-lock.js';
import { KEYS, MAIN, MIGRATE, ServerProcess } from '../support/server-process.js';
import { createEmptyDatabase, createTestDatabase } from '../support/test-database.js';

const MIGRATION_LOCK = 'SELECT pg_advisory_xact_lock(7046029254)';
const NAMES = MIGRATIONS.map(({ name }) => name);
const SETTINGS = { poolMax: 2, statementTimeoutMs: 15_000, applicationName: 'plinth-test', entities: [] };

const forAll = Cleanups.afterAll();
const cleanups = Cleanups.afterEach();
/** Takes a few seconds to give up, while the other tests run. */
let hopeless: ServerProcess;

beforeAll(async () => {
  await configureLogging({ level: 'silent', format: 'json' });
  hopeless = ServerProcess.spawn({ variables: { DATABASE_URL: 'postgres://app:fX9-w@127.0.0.1:1/x', JWT_KEYS: KEYS } });
  forAll.add(() => hopeless.kill());
});

async function aDatabase(make = createTestDatabase): Promise<string> {
  const database = await make();
  cleanups.add(() => database.drop());
  return database.url;
}

function aServer(
  variables: Readonly<Record<string, string>>,
  more: { readonly entry?: string; readonly hook?: string; readonly cwd?: string } = {},
): ServerProcess {
  const server = ServerProcess.spawn({ variables: { JWT_KEYS: KEYS, DEMO_DATA: 'false', ...variables }, ...more });
  cleanups.add(() => server.kill());
  return server;
}

/** Fails unless the process has ended with 1, saying so in one line. @returns the reason in it. */
async function refusalOf(server: ServerProcess): Promise<unknown> {
  expect({ ending: await server.ended(), stderr: server.stderr }).toEqual({ ending: 'code 1', stderr: '' });
  const loud = server.log.lines().filter(({ level }) => level === 'error' || level === 'fatal');
  expect(loud).toEqual([expect.objectContaining({ level: 'fatal', message: 'the start failed' })]);
  expect(JSON.stringify(loud)).not.toMatch(/"stack"|\bat .*:\d+:\d+/);
  server.log.assertNoSecrets();
  return loud[0]?.['reason'];
}

describe('a server with DATABASE_URL', () => {
  it('starts → without the launcher of the embedded server, and without a data directory', async () => {
    const dataDir = path.join(cleanups.aDirectory(), 'data');
    const url = await aDatabase();
    const hook = path.resolve('test/support/loaded-modules-hook.mjs');
    const server = aServer({ DATABASE_URL: url, DATA_DIR: dataDir }, { hook });
    await server.listening();
    expect(server.stderr).toContain('/dist/libs/database/src/open-database.js\n');
    expect(server.stderr).not.toMatch(/loaded .*embedded/);
    expect(fs.existsSync(dataDir)).toBe(false);
  });

  it.each(['PORT', 'METRICS_PORT'])('%s is taken → one line that says so, exit 1', async (variable) => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    cleanups.add(() => taken.close());
    await once(taken, 'listening');
    const port = String(Object(taken.address()).port);
    const reason = await refusalOf(aServer({ DATABASE_URL: await aDatabase(), [variable]: port }));
    expect(reason).toBe(
      `listen EADDRINUSE: address already in use 127.0.0.1:${port}: choose another PORT, METRICS_PORT or HOST, or end what uses it`,
    );
  });

  it('the password is wrong → one line that says so, exit 1 at once', async () => {
    const url = new URL(await aDatabase());
    url.password = 'not-the-password';
    const server = aServer({ DATABASE_URL: url.href });
    server.log.keepsSecret('not-the-password');
    expect(await refusalOf(server)).toBe(
      `the database at ${url.host} refuses: password authentication failed for user "app"`,
    );
  });

  it('several instances at once on an empty database → all come up, everything is made once', async () => {
    const url = await aDatabase(createEmptyDatabase);
    const servers = await HeldLock.during(url, MIGRATION_LOCK, async (lock) => {
      const starting = [1, 2, 3].map(() => aServer({ DATABASE_URL: url, DEMO_DATA: 'true' }));
      await lock.waiters(3); // all of them have come to the migrations, and none has begun
      return starting;
    });
    await Promise.all(servers.map((server) => server.listening()));
    expect(await valuesOf(url, 'SELECT name FROM migrations ORDER BY id')).toEqual(NAMES);
    expect(await valuesOf(url, 'SELECT count(*)::int FROM users')).toEqual([300]);
    expect(servers.flatMap((server) => server.said('schema migrated'))).toHaveLength(1);
    expect(servers.flatMap((server) => server.said('demo data filled in'))).toHaveLength(1);
  });
});

describe('MIGRATE=off', () => {
  it('an old schema → refused with the remedy, `npm run migrate` is one and says what it did', async () => {
    const url = await aDatabase(createEmptyDatabase);
    await migrateSchema({ ...SETTINGS, url, migrations: MIGRATIONS.slice(0, -1) });
    expect(await refusalOf(aServer({ DATABASE_URL: url, MIGRATE: 'off' }))).toBe(
      'the schema is older than this version: run `npm run migrate`, or set MIGRATE=auto',
    );
    const migration = ServerProcess.spawnNpm('migrate', { DATABASE_URL: url, JWT_KEYS: KEYS });
    cleanups.add(() => migration.kill());
    expect(await migration.ended()).toBe('code 0');
    expect(migration.said('the schema is current')).toEqual([expect.objectContaining({ migrations: NAMES.slice(-1) })]);
    await aServer({ DATABASE_URL: url, MIGRATE: 'off' }).listening();
  });

  it('migrated when nothing is to be done → says so', async () => {
    const migration = aServer({ DATABASE_URL: await aDatabase() }, { entry: MIGRATE });
    expect(await migration.ended()).toBe('code 0');
    expect(migration.log.lines()).toEqual([
      expect.objectContaining({ message: 'the schema is current', migrations: [] }),
    ]);
  });
});

describe('configuration', () => {
  it('.env beside the project → is read, the environment wins, what is wrong stops the start', async () => {
    const cwd = cleanups.aDirectory();
    fs.writeFileSync(path.join(cwd, '.env'), 'PORT=http\nLOG_LEVEL=loud\nDATABASE_URL="mysql://app:fX9-w@db/x"\n');
    const server = aServer({ PORT: '0' }, { cwd, entry: path.resolve(MAIN) });
    expect(await server.ended()).toBe('code 1');
    expect(server.log.lines()).toEqual([]);
    expect(server.stderr).toBe(
      [
        'the configuration is wrong:',
        '  DATABASE_URL expects a URL that starts with postgres:// or postgresql://',
        '  LOG_LEVEL expects one of debug, info, warn, error, fatal',
        '',
      ].join('\n'),
    );
  });
});

describe('a mistake that nobody caught', () => {
  it.each([
    ['a rejected promise', 'SIGUSR2', 'planted: a promise that nobody handles'],
    ['a thrown error', 'SIGWINCH', 'planted: an error that nobody catches'],
  ] as const)('%s → a fatal line with its stack, exit 1', async (_, signal, message) => {
    const hook = path.resolve('test/support/planted-fault-hook.mjs');
    const server = aServer({ DATABASE_URL: await aDatabase() }, { hook });
    await server.listening();
    server.signal(signal);
    expect(await server.ended()).toBe('code 1');
    expect(server.said('an error that nobody caught')).toEqual([
      expect.objectContaining({
        level: 'fatal',
        error: expect.objectContaining({ message, stack: expect.stringContaining('planted-fault-hook.mjs') }),
      }),
    ]);
  });
});

describe('a database that never answers', () => {
  it('ten attempts → one line that says so, exit 1', async () => {
    expect(await refusalOf(hopeless)).toBe(
      'the database at 127.0.0.1:1 does not answer (connect ECONNREFUSED 127.0.0.1:1): start it, or mend DATABASE_URL',
    );
    expect(hopeless.said('the database does not answer, trying again')).toHaveLength(9);
  });
});

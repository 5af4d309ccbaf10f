import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cleanups } from '../support/cleanups.js';
import { urlOfServerOn } from '../support/embedded-server.js';
import { HeldLock } from '../support/held-lock.js';
import { descendantsOf, isAlive, serversOn } from '../support/processes.js';
import { KEYS, ServerProcess } from '../support/server-process.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { until, within } from '../support/waiting.js';

const USERS = 'LOCK TABLE users';
const MIGRATION_LOCK = 'SELECT pg_advisory_xact_lock(7046029254)';

const cleanups = Cleanups.afterEach();
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

function aServer(url = database.url): ServerProcess {
  const server = ServerProcess.spawn({ variables: { DATABASE_URL: url, JWT_KEYS: KEYS, DEMO_DATA: 'false' } });
  cleanups.add(() => server.kill());
  return server;
}

function aUser(n: number): object {
  return { name: 'Ann', email: `ann-${n}@example.com`, password: `a password of ann ${n}` };
}

async function isRefused(url: string): Promise<boolean> {
  return fetch(url).then(
    () => false,
    () => true,
  );
}

/** A connection that sends this text, and nothing after it. */
async function aConnection(url: string, text: string): Promise<net.Socket> {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
  cleanups.add(() => socket.destroy());
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

describe('told to stop', () => {
  it.each([
    ['SIGTERM', ['SIGTERM']],
    ['SIGINT, then others', ['SIGINT', 'SIGTERM', 'SIGINT']],
  ] as const)('%s → the running request is answered, nobody new is, exit 0', async (_, signals) => {
    const server = aServer();
    const client = await server.client();
    await HeldLock.during(database.url, USERS, async (lock) => {
      const headers = { Connection: 'keep-alive' };
      const running = client.post('/users', { body: aUser(signals.length), headers });
      await lock.waiters(1);
      for (const signal of signals) server.signal(signal);
      await until(() => isRefused(client.url));
      await lock.commit();
      expect(await running).toMatchObject({ status: 201, headers: { connection: 'close' } });
    });
    expect(await server.ended()).toBe('code 0');
    expect(server.said('stopping')).toHaveLength(1);
    expect(server.said('request')).toContainEqual(expect.objectContaining({ method: 'POST', status: 201 }));
  });

  it('connections without a whole request → are cut, exit 0', async () => {
    const server = aServer();
    const url = await server.listening();
    const request = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const silent = await aConnection(url, '');
    const unfinished = await aConnection(url, request.slice(0, -2));
    const kept = await aConnection(url, request);
    await once(kept, 'data');
    server.signal('SIGTERM');
    const cut = [silent, unfinished, kept].map((socket) => once(socket.resume(), 'close'));
    await within(5_000, 'the end of the connections', Promise.all(cut));
    expect(await server.ended()).toBe('code 0');
  });

  it("npm's whole process group is told → the running request is answered, no process is left", async () => {
    const dataDir = path.join(cleanups.aDirectory(), 'data');
    const npm = ServerProcess.spawnNpm('start', { DATA_DIR: dataDir, JWT_KEYS: KEYS, DEMO_DATA: 'false' });
    cleanups.add(() => npm.kill());
    const client = await npm.client();
    const started = [...descendantsOf(npm.pid), ...serversOn(dataDir)];
    expect(started.length).toBeGreaterThanOrEqual(2);
    await HeldLock.during(urlOfServerOn(path.join(dataDir, 'postgres')), USERS, async (lock) => {
      const running = client.post('/users', { body: aUser(1) });
      await lock.waiters(1);
      npm.signalGroup('SIGTERM');
      await until(() => isRefused(client.url));
      await lock.commit();
      expect((await running).status).toBe(201);
    });
    await npm.ended();
    expect(npm.said('stopping')).toHaveLength(1);
    expect(npm.said('the stop failed')).toEqual([]);
    expect(started.filter(isAlive)).toEqual([]);
  });
});

describe('told to stop while it starts', () => {
  it.each([
    ['PostgreSQL is being set up', (_: ServerProcess, dataDir: string) => until(() => initdbRuns(dataDir))],
    ['the demo data is being made', (server: ServerProcess) => server.says('schema migrated')],
  ])('%s → PostgreSQL is ended too, the directory is free, exit 0', async (_, moment) => {
    const home = cleanups.aDirectory();
    const dataDir = path.join(home, 'postgres');
    const server = ServerProcess.spawn({ variables: { DATA_DIR: home } });
    cleanups.add(() => server.kill());
    await moment(server, dataDir);
    server.signal('SIGTERM');
    expect(await server.ended()).toBe('code 0');
    expect(serversOn(dataDir)).toEqual([]);
    expect(fs.existsSync(path.join(dataDir, 'owner.json'))).toBe(false);
    expect(server.said('the start failed').concat(server.said('listening'))).toEqual([]);
  });

  it('another instance migrates → exit 0 without waiting for it', async () => {
    await HeldLock.during(database.url, MIGRATION_LOCK, async (lock) => {
      const server = aServer();
      await lock.waiters(1);
      server.signal('SIGINT');
      expect(await server.ended()).toBe('code 0');
      expect(server.said('listening')).toEqual([]);
    });
  });

  it('the database does not answer yet → exit 0 without trying on', async () => {
    const server = aServer('postgres://app:fX9-w@127.0.0.1:1/plinth');
    await server.says('the database does not answer, trying again');
    server.signal('SIGTERM');
    expect(await server.ended()).toBe('code 0');
  });
});

function initdbRuns(dataDir: string): boolean {
  return fs.existsSync(dataDir) && fs.readdirSync(dataDir).some((name) => name.startsWith('initdb-'));
}

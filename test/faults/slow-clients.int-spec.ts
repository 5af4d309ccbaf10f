import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Cleanups } from '../support/cleanups.js';
import { describeWith } from '../support/installed.js';
import { end } from '../support/processes.js';
import { KEYS, ServerProcess } from '../support/server-process.js';
import { UNLIMITED } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { Wire } from '../support/wire.js';

const ATTACK_S = 6;
const PAUSE_MS = 20;
const IDLE = 10_000;
/** As many connect at once as the queue of the system holds. */
const AT_ONCE = 500;

const forAll = Cleanups.afterAll();
const cleanups = Cleanups.afterEach();
let database: TestDatabase;
let url: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const variables = { DATABASE_URL: database.url, JWT_KEYS: KEYS, DEMO_DATA: 'false', ...UNLIMITED };
  const server = ServerProcess.spawn({ variables });
  forAll.add(() => server.kill());
  url = await server.listening();
});
afterAll(() => database.drop());

/** Somebody asks on, one question after the other. @returns all statuses, once `other` is over. */
async function meanwhile(other: Promise<unknown>): Promise<Map<number, number>> {
  const wire = new Wire(url);
  const statuses = new Map<number, number>();
  let isOver = false;
  const over = other.finally(() => (isOver = true));
  while (!isOver) {
    const { status } = await wire.get('/users/me');
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    await delay(PAUSE_MS);
  }
  wire.close();
  await over;
  return statuses;
}

describeWith('slowhttptest')('clients that take their time', () => {
  it.each([
    ['headers', '/api/v1/users/me', ['-H']],
    ['a body', '/api/v1/auth/token', ['-B', '-s', '8192', '-t', 'POST']],
    ['reading', '/openapi.json', ['-X', '-w', '1', '-y', '2', '-n', '1', '-z', '1']],
  ])('400 of them, slow with %s → others are answered', async (_, path, options) => {
    const crowd = ['-c', '400', '-r', '200', '-i', '2', '-l', String(ATTACK_S), '-u', url + path];
    const attack = spawn('slowhttptest', [...crowd, ...options], { stdio: 'ignore' });
    cleanups.add(() => end(attack, 'SIGKILL'));
    const statuses = await meanwhile(once(attack, 'exit'));
    expect([...statuses.keys()]).toEqual([401]);
    expect(statuses.get(401)).toBeGreaterThan(ATTACK_S * 10);
  });
});

it(`${IDLE} connections that ask nothing → others are answered`, async () => {
  const sockets: net.Socket[] = [];
  cleanups.add(() => sockets.forEach((socket) => socket.destroy()));
  const port = Number(new URL(url).port);
  const statuses = await meanwhile(
    (async () => {
      while (sockets.length < IDLE) {
        const some = Array.from({ length: AT_ONCE }, () => net.connect(port, '127.0.0.1'));
        sockets.push(...some);
        await Promise.all(some.map((socket) => once(socket, 'connect')));
      }
    })(),
  );
  expect([...statuses.keys()]).toEqual([401]);
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  expect(sockets.filter(({ readyState }) => readyState === 'open')).toHaveLength(IDLE);
}, 60_000);

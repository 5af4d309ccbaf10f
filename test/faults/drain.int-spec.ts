import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { atRate } from '../load/traffic.mjs';
import { Cleanups } from '../support/cleanups.js';
import { KEYS, ServerProcess } from '../support/server-process.js';
import { UNLIMITED } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { until } from '../support/waiting.js';

const REFUSED = -1;
const ASKING = 'GET /problems/order.not_found HTTP/1.1\r\nHost: localhost\r\n\r\n';

const cleanups = Cleanups.afterEach();
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function aServer(delayMs: number): Promise<{ server: ServerProcess; url: string }> {
  const variables = { DATABASE_URL: database.url, JWT_KEYS: KEYS, DEMO_DATA: 'false', ...UNLIMITED };
  const server = ServerProcess.spawn({ variables: { ...variables, DRAIN_DELAY_MS: String(delayMs), SHEDDING: 'off' } });
  cleanups.add(() => server.kill());
  return { server, url: await server.listening() };
}

/** A connection that has been used once, and waits. */
async function aKeptConnection(url: string): Promise<net.Socket> {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1').setEncoding('utf8');
  cleanups.add(() => socket.destroy());
  socket.write(ASKING);
  expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 200[^]*Connection: keep-alive/);
  return socket;
}

const canConnect = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

describe('a server that is told to stop, with a balancer that has to notice', () => {
  it('first not ready, and served as ever; then nobody new, and the last word on connections that are there', async () => {
    const { server, url } = await aServer(1_500);
    const kept = await aKeptConnection(url);
    server.signal('SIGTERM');
    await server.says('stopping');
    const ready = await fetch(`${url}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      expect.objectContaining({ error: { server: { status: 'down' } } }),
    ]);
    expect((await fetch(`${url}/api/v1/users/me`)).status).toBe(401);
    await until(async () => !(await canConnect(`${url}/problems`)));
    kept.write(ASKING);
    expect(String(await once(kept, 'data'))).toMatch(/^HTTP\/1\.1 200[^]*Connection: close/);
    expect(await server.ended()).toBe('code 0');
  });

  it('500 requests a second → each is answered, or its connection was never taken', async () => {
    const { server, url } = await aServer(500);
    const next = () => ({ path: '/api/v1/users/me' });
    const load = atRate(url, next, { perSecond: 500, seconds: 4 });
    await delay(1_000); // of load, so that something is under way at each moment of the end
    const at = performance.now();
    server.signal('SIGTERM');
    const ending = await server.ended();
    const ms = performance.now() - at;
    const statuses = Object.groupBy(await load, ({ status }) => String(status));
    expect(Object.keys(statuses).toSorted()).toEqual([String(REFUSED), '401']);
    expect(statuses['401']?.length).toBeGreaterThan(500);
    expect([ending, ms < 10_000]).toEqual(['code 0', true]);
  });
});

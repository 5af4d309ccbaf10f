import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiClient } from '../support/api-client.js';
import { Cleanups } from '../support/cleanups.js';
import { urlOfServerOn, valuesOf } from '../support/embedded-server.js';
import { isAlive, serversOn } from '../support/processes.js';
import { ServerProcess } from '../support/server-process.js';
import { until } from '../support/waiting.js';

const WRITERS = 8;
const WRITES = 100;
const ORDER = { currency: 'USD', items: [{ sku: 'SKU-1', name: 'Thing', quantity: 1, unitPriceCents: 100 }] };

const forAll = Cleanups.afterAll();
const cleanups = Cleanups.afterEach();
const dataDir = path.join(forAll.aDirectory(), 'home', 'data');

function aServer(owner = cleanups): ServerProcess {
  const server = ServerProcess.spawn({ variables: { DATA_DIR: dataDir } });
  owner.add(() => server.kill());
  return server;
}

async function signIn(client: ApiClient): Promise<string> {
  const body = { grant_type: 'password', username: 'customer@example.com', password: 'plinth-demo-password' };
  const { status, body: tokens } = await client.post('/auth/token', { body });
  expect(status).toBe(200);
  return tokens.access_token;
}

/** Past the server. */
async function countOrders(ids: readonly string[]): Promise<unknown> {
  const list = ids.map((id) => `'${id}'`).join();
  const [count] = await valuesOf(
    urlOfServerOn(path.join(dataDir, 'postgres')),
    `SELECT count(*)::int FROM orders WHERE id IN (${list})`,
  );
  return count;
}

describe('the server with its embedded PostgreSQL', () => {
  let first: ServerProcess;
  beforeAll(async () => {
    first = aServer(forAll);
    await first.listening();
  });

  it('first start → one listening line, and the banner on standard error alone', async () => {
    const url = await first.listening();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(first.said('listening')).toEqual([expect.objectContaining({ level: 'info', module: 'main', url })]);
    await until(() => first.stderr.includes('admin@example.com'));
    for (const line of [
      `API            ${url}/api/v1`,
      `Swagger        ${url}/docs`,
      `Data           ${dataDir}/postgres (embedded PostgreSQL)`,
      'Demo customer  customer@example.com / plinth-demo-password',
    ]) {
      expect(first.stderr).toContain(`  ${line}\n`);
    }
  });

  it('stopped and started again → tokens and rows are kept, the demo data is not made twice', async () => {
    const before = await first.client();
    const token = await signIn(before);
    const { body: order } = await before.post('/orders', { as: token, body: ORDER });
    first.signal('SIGINT');
    expect(await first.ended()).toBe('code 0');
    expect(serversOn(dataDir)).toEqual([]);
    const second = aServer();
    const after = await second.client();
    expect((await after.get(`/orders/${order.id}`, { as: token })).body).toEqual(order);
    expect(second.said('demo data filled in')).toEqual([]);
    second.signal('SIGTERM');
    expect(await second.ended()).toBe('code 0');
    expect(serversOn(dataDir)).toEqual([]);
  });

  it('kill -9 during writes → PostgreSQL ends, and the next start finds every acknowledged row', async () => {
    const victim = aServer();
    const client = await victim.client();
    const token = await signIn(client);
    const postgres = serversOn(dataDir);
    const acknowledged: string[] = [];
    const write = async (): Promise<void> => {
      for (;;) {
        const { status, body } = await client.post('/orders', { as: token, body: ORDER });
        expect(status).toBe(201);
        acknowledged.push(body.id);
        if (acknowledged.length === WRITES) victim.signal('SIGKILL');
      }
    };
    const writers = await Promise.allSettled(Array.from({ length: WRITERS }, write));
    expect(writers.map(({ status }) => status)).toEqual(Array(WRITERS).fill('rejected')); // their connections broke
    expect(await victim.ended()).toBe('SIGKILL');
    expect(acknowledged.length).toBeGreaterThanOrEqual(WRITES);
    expect(postgres.length).toBeGreaterThan(0);
    await until(() => !postgres.some(isAlive));
    const next = aServer();
    await next.listening();
    expect(await countOrders(acknowledged)).toBe(acknowledged.length);
    next.signal('SIGTERM');
    expect(await next.ended()).toBe('code 0');
  });

  it('PostgreSQL dies while the server runs → it is started again, and the server answers as before', async () => {
    const server = aServer();
    const client = await server.client();
    const token = await signIn(client);
    for (const pid of serversOn(dataDir)) process.kill(pid, 'SIGKILL');
    await until(() => server.said('launcher').length === 2);
    await until(async () => (await client.get('//health/ready')).status === 200);
    expect((await client.get('/users/me', { as: token })).status).toBe(200);
    expect(server.said('launcher')).toEqual(
      [/ended unexpectedly \(SIGKILL\)/, /was started again/].map((line) =>
        expect.objectContaining({ level: 'warn', line: expect.stringMatching(line) }),
      ),
    );
    server.signal('SIGTERM');
    expect(await server.ended()).toBe('code 0');
  });
});

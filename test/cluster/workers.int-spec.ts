import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Cleanups } from '../support/cleanups.js';
import { describeWith } from '../support/installed.js';
import { childrenOf, isAlive, sendSignal } from '../support/processes.js';
import { KEYS, ServerProcess } from '../support/server-process.js';
import { UNLIMITED } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { freePort, ThrowAwayRedis } from '../support/throw-away-redis.js';
import { until } from '../support/waiting.js';

const REQUESTS = 200;

describeWith('redis-server')('WORKERS=2', () => {
  const cleanups = Cleanups.afterAll();
  let database: TestDatabase;
  let server: ServerProcess;
  let url: string;
  let metricsUrl: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    const redis = await ThrowAwayRedis.start();
    cleanups.add(() => redis.remove());
    const metricsPort = String(await freePort());
    const shared = {
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      JWT_KEYS: KEYS,
      DEMO_DATA: 'false',
      ...UNLIMITED,
    };
    server = ServerProcess.spawn({ variables: { ...shared, WORKERS: '2', METRICS_PORT: metricsPort } });
    cleanups.add(() => server.kill());
    url = await server.listening();
    metricsUrl = `http://127.0.0.1:${metricsPort}`;
  });
  afterAll(() => database.drop());

  const counted = async (): Promise<number> => {
    const page = await (await fetch(`${metricsUrl}/metrics`)).text();
    const lines = page.split('\n').filter((line) => line.includes('_count{') && line.includes('/protected"'));
    return lines.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0);
  };

  it('requests on many connections → whichever process is asked for the metrics tells of all', async () => {
    expect(server.said('listening')).toHaveLength(1);
    const ask = () => fetch(`${url}/api/v1/protected`, { headers: { Connection: 'close' } });
    const statuses = await Promise.all(Array.from({ length: REQUESTS }, async () => (await ask()).status));
    expect(new Set(statuses)).toEqual(new Set([401]));
    for (let n = 0; n < 4; n += 1) expect(await counted()).toBe(REQUESTS);
    const alive = childrenOf(server.pid).map((pid) => isAlive(pid));
    expect(alive).toEqual([true, true]);
  });

  it('one is killed → the other answers, and a new one takes its place', async () => {
    const [victim = 0, other = 0] = childrenOf(server.pid);
    sendSignal(victim, 'SIGKILL');
    await server.says('a process died and is replaced');
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    await until(() => childrenOf(server.pid).length === 2);
    expect(childrenOf(server.pid)).toContain(other);
    expect(childrenOf(server.pid)).not.toContain(victim);
  });

  it('SIGTERM → all end, exit 0', async () => {
    const processes = childrenOf(server.pid);
    server.signal('SIGTERM');
    expect(await server.ended()).toBe('code 0');
    expect(processes.filter(isAlive)).toEqual([]);
  });
});

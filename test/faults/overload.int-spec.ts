import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { atRate, inLanes, shopTraffic, type TrafficAnswer } from '../load/traffic.mjs';
import { Cleanups } from '../support/cleanups.js';
import { dataAccess } from '../support/data-access.js';
import { Factory } from '../support/factory.js';
import { KEYS, ServerProcess } from '../support/server-process.js';
import { UNLIMITED } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const WARM_MS = 2_000;
const OVERLOAD_S = 3;
const TIMES = 3;

const forAll = Cleanups.afterAll();
const cleanups = Cleanups.afterEach();
let database: TestDatabase;
let token: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const context = await dataAccess(database.url, KEYS);
  forAll.add(() => context.close());
  ({ token } = await new Factory(context).signedIn());
});
afterAll(() => database.drop());

async function aServer(shedding: 'on' | 'off'): Promise<{ url: string; rssMb: () => number; stop: () => void }> {
  const variables = { DATABASE_URL: database.url, JWT_KEYS: KEYS, DEMO_DATA: 'false', JOBS: 'off', ...UNLIMITED };
  const server = ServerProcess.spawn({ variables: { ...variables, SHEDDING: shedding, LOG_LEVEL: 'info' } });
  cleanups.add(() => server.kill());
  const url = await server.listening();
  const rssMb = (): number => {
    const [, kb] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8')) ?? [];
    return Number(kb) / 1_024;
  };
  return { url, rssMb, stop: () => server.signal('SIGKILL') };
}

/** Answers a second to callers who wait for each. */
async function sustained(url: string): Promise<number> {
  const endsAt = performance.now() + WARM_MS;
  const isOver = (): boolean => performance.now() > endsAt;
  const answers = await inLanes(url, shopTraffic(token), { lanes: 16, isOver });
  return Math.floor((answers.length / WARM_MS) * 1_000);
}

const overload = (url: string, capacity: number): Promise<TrafficAnswer[]> =>
  atRate(url, shopTraffic(token), { perSecond: capacity * TIMES, seconds: OVERLOAD_S });

const admitted = (answers: readonly TrafficAnswer[]) => answers.filter(({ status }) => status >= 200 && status < 300);

function p95(answers: readonly TrafficAnswer[]): number {
  const times = answers.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return times[Math.floor(times.length * 0.95)] ?? 0;
}

describe('a server of which three times as much is asked as it can do', () => {
  it('→ the rest is refused at once, the others are answered sooner, health stays, and all is well after', async () => {
    const plain = await aServer('off');
    const capacity = await sustained(plain.url);
    const drowned = admitted(await overload(plain.url, capacity));
    plain.stop();

    const { url, rssMb } = await aServer('on');
    await sustained(url);
    const before = rssMb();
    const health: number[] = [];
    const watch = setInterval(() => void fetch(`${url}/health/ready`).then(({ status }) => health.push(status)), 200);
    const answers = await overload(url, capacity);
    clearInterval(watch);
    const grown = rssMb() - before;

    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].toSorted()).toEqual([200, 201, 503]);
    const refused = answers.filter(({ status }) => status === 503);
    for (const { head } of refused)
      expect(head).toMatch(/retry-after: 1\r\n[^]*content-type: application\/problem\+json/i);
    expect(p95(admitted(answers))).toBeLessThan(p95(drowned) / 2);
    expect(new Set(health)).toEqual(new Set([200]));
    expect(grown).toBeLessThan(200);

    const after = await atRate(url, shopTraffic(token), { perSecond: Math.ceil(capacity / 3), seconds: 4 });
    const [first] = after;
    const late = after.filter(({ at, status }) => first && at - first.at > 2_000 && status === 503);
    expect(late).toEqual([]);
  }, 120_000);
});

import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, expect, it } from '@jest/globals';
import { Cleanups } from '../support/cleanups.js';
import { AWAY_LINE, Cluster } from '../support/cluster.js';
import { describeWith } from '../support/installed.js';
import { type Tally, Traffic } from '../support/traffic.js';
import { until } from '../support/waiting.js';
import { Wire } from '../support/wire.js';
import { expectCoherent, writeThenRead } from '../support/witness.js';

const BASELINE_MS = 2_000;
const AWAY_MS = 2_000;
/** Redis is back, and its own traffic has begun again. */
const AFTER_MS = 500;
const FROZEN_MS = 5_000;
/** Without Redis nobody tells the others what was written. */
const STALE_LIMIT_MS = 2_000;
const HEAL_LIMIT_MS = 5_000;
/** A shared machine stops everything for a moment now and then; the figure itself goes to the output. */
const NOISE_MS = 1_000;
const PAIRS = 150;

const forAll = Cleanups.afterAll();
let cluster: Cluster;

async function redisOf(instance: number): Promise<string> {
  const { status, body } = await cluster.client(instance).get('//health/ready');
  return `${status} ${body.status} ${body.details.redis.status}`;
}

/** On all instances. */
async function reaches(state: string): Promise<void> {
  await until(async () => {
    const states = await Promise.all(cluster.instances.map((_, index) => redisOf(index)));
    return states.every((each) => each === state);
  }, HEAL_LIMIT_MS);
}

const UP = '200 ok up';
const DEGRADED = '200 degraded degraded';

/** The fault happens under load, and passes. @returns what requests saw before it and from it on until all was well. */
async function underLoad(fault: () => Promise<void>): Promise<Readonly<Record<'before' | 'since', Tally>>> {
  const traffic = await Traffic.start(cluster);
  try {
    await delay(BASELINE_MS);
    const before = traffic.tally();
    await fault();
    await reaches(UP);
    await delay(AFTER_MS);
    return { before, since: traffic.tally() };
  } finally {
    await traffic.stop();
  }
}

async function nobodyIsHurtBy(fault: () => Promise<void>): Promise<void> {
  const { before, since } = await underLoad(fault);
  const { currentTestName } = expect.getState();
  const figures = `worst of ${before.requests} before: ${before.worstMs} ms, of ${since.requests} since: ${since.worstMs} ms`;
  process.stderr.write(`${currentTestName}: ${figures}\n`);
  expect([...before.failures, ...since.failures]).toEqual([]);
  expect(Math.min(before.requests, since.requests)).toBeGreaterThan(0);
  expect(since.worstMs).toBeLessThan(before.worstMs + NOISE_MS);
}

/** Each write on one instance by all of them. */
async function shownInTime(): Promise<void> {
  const { id, token } = await cluster.factory.signedIn();
  for (const [writer, name] of ['First', 'Second', 'Third'].entries()) {
    const namesShown = async (): Promise<unknown[]> => {
      const replies = await Promise.all(cluster.clients().map((client) => client.get('/users/me', { as: token })));
      return replies.map(({ body }) => body.name);
    };
    await namesShown(); // into their memories
    const ask = { as: token, body: { name }, headers: { 'If-Match': '*' } };
    expect((await cluster.client(writer).patch(`/users/${id}`, ask)).status).toBe(200);
    await until(async () => (await namesShown()).every((shown) => shown === name), STALE_LIMIT_MS);
  }
}

async function coherent(): Promise<void> {
  const wires = cluster.instances.map(({ url }) => new Wire(url));
  const found = await writeThenRead(cluster, wires, PAIRS);
  for (const wire of wires) wire.close();
  expectCoherent(found);
}

describeWith('redis-server', 'nginx')('three instances under load behind nginx', () => {
  beforeAll(async () => {
    cluster = await Cluster.start(forAll);
  });

  /** Each change is said once by each instance. */
  afterEach(() => {
    for (const { process } of cluster.instances) {
      const [ups, aways] = [process.said('redis is up').length, process.said(AWAY_LINE).length];
      expect(ups).toBe(aways + 1);
      expect(process.said('request').filter(({ status }) => Number(status) >= 500)).toEqual([]);
    }
  });

  it('Redis is killed and comes back → no request fails, degraded meanwhile, writes shown within 2 s, and coherent afterwards', async () => {
    await nobodyIsHurtBy(async () => {
      await cluster.redis.kill();
      await reaches(DEGRADED);
      await Promise.all([delay(AWAY_MS), shownInTime()]);
      await cluster.redis.startAgain();
    });
    await coherent();
  });

  it('Redis is restarted by its administrator → no request fails, and coherent afterwards', async () => {
    await nobodyIsHurtBy(async () => {
      await cluster.redis.stop();
      await reaches(DEGRADED);
      await cluster.redis.startAgain();
    });
    await coherent();
  });

  it('Redis is frozen for 5 s → no request fails, degraded meanwhile, writes shown within 2 s, and coherent afterwards', async () => {
    await nobodyIsHurtBy(async () => {
      cluster.redis.freeze();
      await reaches(DEGRADED);
      await Promise.all([delay(FROZEN_MS), shownInTime()]);
      cluster.redis.thaw();
    });
    await coherent();
  });

  it('the memory of Redis is full → no request fails, degraded, and coherent meanwhile and afterwards', async () => {
    await nobodyIsHurtBy(async () => {
      await cluster.redis.query('CONFIG', 'SET', 'maxmemory', '1');
      await reaches(DEGRADED);
      await coherent();
      await cluster.redis.query('CONFIG', 'SET', 'maxmemory', '0');
      await reaches(UP);
    });
    await coherent();
  });
});

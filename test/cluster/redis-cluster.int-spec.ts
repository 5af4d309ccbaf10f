import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { configureLogging } from '@app/logging';
import { RedisAwayError, RedisConnection, RedisSubscriber } from '@app/redis';
import { limitKey, MemoryRateLimitStore, RedisRateLimitStore } from '@app/throttling';
import { Cleanups } from '../support/cleanups.js';
import { describeWith } from '../support/installed.js';
import { LogCapture } from '../support/log-capture.js';
import { keepsTheContractOfStores } from '../support/rate-limit-store.contract.js';
import { ThrowAwayRedisCluster } from '../support/throw-away-redis-cluster.js';
import { until } from '../support/waiting.js';

const RULE = { limit: 100_000, windowMs: 60_000 };
const CHANNEL = 'news';
/** What the lib makes of it in a cluster. */
const CHANNEL_THERE = '{plinth:messages}news';
const AWAY = 'redis is away: cache and limits go on in the memory of each instance';

const cleanups = Cleanups.afterEach();
const forAll = Cleanups.afterAll();
let redis: ThrowAwayRedisCluster;
let connection: RedisConnection;
let log: LogCapture;

const options = () => ({ url: redis.url, isCluster: true });
const keysOf = (count: number) => Array.from({ length: count }, (_, number) => `key:${number}`);
const hitOf = (tracker: string, cost = 1) => ({ ...RULE, key: limitKey(tracker, 'default'), cost });

/** Keys on every node, written and read one by one and all at once. */
async function worksEverywhere(): Promise<void> {
  const keys = keysOf(50);
  await Promise.all(keys.map((key) => connection.run((client) => client.set(key, key))));
  expect(await connection.run((client) => client.mGet(keys))).toEqual(keys);
  expect(await connection.run((client) => client.del(keys))).toBe(keys.length);
}

async function subscribed(): Promise<{ subscriber: RedisSubscriber; heard: string[]; gaps: boolean[] }> {
  const subscriber = new RedisSubscriber(options());
  cleanups.add(() => subscriber.onApplicationShutdown());
  const [heard, gaps]: [string[], boolean[]] = [[], []];
  subscriber.subscribe(CHANNEL, (message) => heard.push(message));
  subscriber.onGap(() => gaps.push(subscriber.isConfirmed));
  await subscriber.onModuleInit();
  await until(() => subscriber.isConfirmed);
  return { subscriber, heard, gaps };
}

/** Again and again, since the sender may know the new node before the listener does. */
async function hears(heard: readonly string[]): Promise<void> {
  await until(async () => {
    await connection.publish(CHANNEL, 'after').catch(() => 0);
    return heard.includes('after');
  });
}

describeWith('redis-server')('a Redis Cluster of three masters', () => {
  let store: RedisRateLimitStore;
  beforeAll(async () => {
    await configureLogging({ level: 'silent', format: 'json' });
    redis = await ThrowAwayRedisCluster.start();
    forAll.add(() => redis.remove());
    connection = new RedisConnection(options());
    forAll.add(() => connection.onApplicationShutdown());
    await connection.onModuleInit();
  });
  beforeEach(async () => {
    await until(() => connection.isUp);
    log = new LogCapture();
    await configureLogging({ level: 'info', format: 'json', stream: log });
    cleanups.add(() => configureLogging({ level: 'silent', format: 'json' }));
    store = new RedisRateLimitStore(connection, new MemoryRateLimitStore());
  });

  const saidAway = () => log.lines().filter(({ message }) => message === AWAY).length;

  describe('limits, as every store', () => keepsTheContractOfStores(() => store));

  it('keys of all slots, one by one and at once → each is found', async () => {
    await worksEverywhere();
    expect(saidAway()).toBe(0);
  });

  it('hits of one tracker → one command; of thirty → verdicts in their order, counted in the cluster', async () => {
    await store.take(hitOf('warm-up'));
    const before = (await redis.commands()).get('evalsha') ?? 0;
    await store.takeAll([hitOf('one'), { ...hitOf('one'), key: limitKey('one', 'address') }]);
    expect(((await redis.commands()).get('evalsha') ?? 0) - before).toBe(1);
    const hits = Array.from({ length: 30 }, (_, index) => hitOf(randomUUID(), index + 1));
    const verdicts = await store.takeAll(hits);
    expect(verdicts.map(({ remaining }) => RULE.limit - remaining)).toEqual(hits.map(({ cost }) => cost));
    expect(verdicts.some(({ isLocal }) => isLocal)).toBe(false);
  });

  it('messages → heard by all who subscribed, in order, and it is known how many; first things are done first', async () => {
    const all = await Promise.all([subscribed(), subscribed(), subscribed()]);
    let isFirst = true;
    const reached: number[] = [];
    for (const message of ['one', 'two', 'three']) {
      const publish = connection.publish(CHANNEL, message, async (client) => {
        for (const round of keysOf(20)) await client.set('first', round); // longer than a message takes
        isFirst &&= all.every(({ heard }) => !heard.includes(message));
      });
      reached.push(await publish);
    }
    expect([reached, isFirst]).toEqual([[3, 3, 3], true]);
    await until(() => all.every(({ heard }) => heard.length === 3));
    expect(all.map(({ heard }) => heard)).toEqual(Array(3).fill(['one', 'two', 'three']));
  });

  it('nobody subscribed → counts as one that does not answer: somebody may be on another node now', async () => {
    expect(await connection.publish('nobody', 'x')).toBe(1);
  });

  it('one node is full → it refuses, until that one takes writes again', async () => {
    const key = 'full';
    const full = redis.node(await redis.nodeOf(key));
    await full.query('CONFIG', 'SET', 'maxmemory', '1');
    await expect(connection.run((client) => client.set(key, 'x'))).rejects.toThrow(/^OOM/);
    const asked = (await redis.commands()).get('set') ?? 0;
    await until(async () => ((await redis.commands()).get('set') ?? 0) > asked + 3); // two probes and more
    expect(connection.isRefusing).toBe(true);
    await full.query('CONFIG', 'SET', 'maxmemory', '0');
    await until(() => !connection.isRefusing);
  });

  it('one node is frozen → the command waits 50 ms and no other does; it answers → up again', async () => {
    const key = 'frozen';
    const node = redis.node(await redis.nodeOf(key));
    node.freeze();
    cleanups.add(() => node.thaw());
    await expect(connection.run((client) => client.get(key))).rejects.toBeInstanceOf(RedisAwayError);
    expect(connection.isUp).toBe(false);
    expect(await store.take(hitOf(randomUUID()))).toMatchObject({ admitted: true, isLocal: true });
    node.thaw();
    await until(() => connection.isUp);
    await worksEverywhere();
    expect(saidAway()).toBe(1);
  });

  it('a node says that it cannot serve → away; it can again → up', async () => {
    const key = 'orphan';
    const [slot, node] = [String(await redis.slotOf(key)), redis.node(await redis.nodeOf(key))];
    await node.query('CLUSTER', 'DELSLOTS', slot);
    await expect(connection.run((client) => client.get(key))).rejects.toBeInstanceOf(RedisAwayError);
    expect(connection.isUp).toBe(false);
    await node.query('CLUSTER', 'ADDSLOTS', slot);
    await until(() => connection.isUp);
    await worksEverywhere();
  });

  it('a slot moves while its keys are used → no error, no hit lost, and never away', async () => {
    for (let attempt = 1; ; attempt += 1) {
      const moved = await takeWhileMoving();
      // On a busy machine it takes more than 50 ms to ask who has the slot now.
      if (moved.away > 0 && attempt < 10) continue;
      expect(moved).toEqual({ isLocal: false, away: 0, hops: 1, lost: 0 });
      return;
    }
  }, 60_000);

  async function takeWhileMoving() {
    await until(() => connection.isUp);
    const hit = hitOf(randomUUID());
    const stored = `plinth:limit:${hit.key}`;
    const [slot, from, before] = [await redis.slotOf(stored), await redis.nodeOf(stored), saidAway()];
    let [isMoving, isLocal, taken] = [true, false, 0];
    const taking = (async () => {
      for (; isMoving; taken += 1) {
        isLocal ||= (await store.take(hit)).isLocal;
        await new Promise(setImmediate);
      }
    })();
    const someMore = (seen = taken) => until(() => taken > seen + 20);
    try {
      await someMore();
      await redis.move(slot, (from + 1) % 3, () => someMore());
      await someMore();
    } finally {
      isMoving = false;
    }
    await taking;
    const { remaining } = await store.peek(hit.key, RULE);
    const hops = ((await redis.nodeOf(stored)) - from + 3) % 3;
    return { isLocal, away: saidAway() - before, hops, lost: taken - (RULE.limit - remaining) };
  }

  it('the slot of the messages moves → a gap is told, and messages are heard there', async () => {
    const { subscriber, heard, gaps } = await subscribed();
    const [slot, from] = [await redis.slotOf(CHANNEL_THERE), await redis.nodeOf(CHANNEL_THERE)];
    await redis.move(slot, (from + 2) % 3, async () => undefined);
    await until(() => gaps.length > 1 && subscriber.isConfirmed);
    expect(gaps).not.toContain(true);
    await hears(heard);
  });

  it('the node of the messages is killed → not confirmed; started again → the gap is told, and all works', async () => {
    const { subscriber, heard, gaps } = await subscribed();
    const node = redis.node(await redis.nodeOf(CHANNEL_THERE));
    await node.kill();
    await until(() => !subscriber.isConfirmed && !connection.isUp);
    await node.startAgain();
    await until(() => subscriber.isConfirmed && connection.isUp);
    expect(gaps).toEqual([false, false]);
    await hears(heard);
  });

  it('one node is killed → away, said once, limits hold here; started again → up, on new connections', async () => {
    const tracker = randomUUID();
    const before = connection.connections;
    const rule = { ...hitOf(tracker), limit: 3 };
    await store.take(rule);
    const node = redis.node(await redis.nodeOf(`plinth:limit:${rule.key}`));
    await node.kill();
    const verdicts = [await store.take(rule), await store.take(rule), await store.take(rule)];
    expect(verdicts.map(({ admitted }) => admitted)).toEqual([true, true, false]);
    await until(async () => !(await redis.isWhole().catch(() => false))); // the others have noticed: CLUSTERDOWN
    await expect(connection.run((client) => client.get('anything'))).rejects.toBeInstanceOf(RedisAwayError);
    await node.startAgain();
    await until(() => connection.isUp);
    await worksEverywhere();
    expect(saidAway()).toBe(1);
    expect(connection.connections).toBeGreaterThan(before);
  });

  it('the first node of the list is away at the start → the others tell of the rest once all are there', async () => {
    await redis.node(0).kill();
    const late = new RedisConnection(options());
    cleanups.add(() => late.onApplicationShutdown());
    await late.onModuleInit();
    expect(late.isUp).toBe(false);
    await redis.node(0).startAgain();
    await until(() => late.isUp);
    expect(await late.run((client) => client.get('anything'))).toBeNull();
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { configureLogging } from '@app/logging';
import { register } from 'prom-client';
import { CacheInstance } from '../support/cache-instance.js';
import { Cleanups } from '../support/cleanups.js';
import { describeWith } from '../support/installed.js';
import { ThrowAwayRedis } from '../support/throw-away-redis.js';
import { until } from '../support/waiting.js';

/** Commands to Redis that failed in this process, for whatever reason. */
async function failures(): Promise<number> {
  const metric = await register.getSingleMetric('plinth_redis_failures_total')?.get();
  return (metric?.values ?? []).reduce((sum, { value }) => sum + value, 0);
}

const POLICY = { ttlMs: 60_000, staleMs: 60_000, tags: ['thing'] };

const cleanups = Cleanups.afterEach();
let redis: ThrowAwayRedis;
let keys = 0;
let key: string;

describeWith('redis-server')('the cache of several instances', () => {
  beforeAll(async () => {
    await configureLogging({ level: 'silent', format: 'json' });
    redis = await ThrowAwayRedis.start();
  });
  afterAll(() => redis.remove());
  beforeEach(() => {
    keys += 1;
    key = `key ${keys}`;
  });

  /** Connected to the Redis of this file, unless another is given. */
  async function anInstance(of = redis): Promise<CacheInstance> {
    const instance = await CacheInstance.start(of.url);
    cleanups.add(() => instance.stop());
    return instance.ready();
  }

  async function instances(count: number, of = redis): Promise<CacheInstance[]> {
    return Promise.all(Array.from({ length: count }, () => anInstance(of)));
  }

  async function twoInstances(of = redis): Promise<[CacheInstance, CacheInstance]> {
    return Promise.all([anInstance(of), anInstance(of)]);
  }

  async function ownRedis(...options: readonly string[]): Promise<ThrowAwayRedis> {
    const own = await ThrowAwayRedis.start(...options);
    cleanups.add(() => own.remove());
    return own;
  }

  /** A command that missed its 50 ms, because the machine was busy, makes instances go on alone: then it is done again. */
  async function undisturbed<T>(work: (attempt: number) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const before = await failures();
      const result = await work(attempt);
      if ((await failures()) === before || attempt === 5) return result;
    }
  }

  const read = ({ cache }: CacheInstance, load: () => unknown, policy = POLICY) =>
    cache.lookup(key, async () => load(), policy);

  describe('sharing', () => {
    it('loaded by one → found by the other in Redis, then in its own memory', async () => {
      const [a, b] = await twoInstances();
      expect(await read(a, () => ({ n: 1 }))).toEqual({ value: { n: 1 }, source: 'loaded' });
      await until(async () => (await redis.query('EXISTS', `plinth:cache:${key}`)) === 1);
      expect(await read(b, () => 'not asked')).toEqual({ value: { n: 1 }, source: 'L2' });
      expect(await read(b, () => 'not asked')).toEqual({ value: { n: 1 }, source: 'L1' });
    });

    it('100 misses on each of three at once → one load', async () => {
      const all = await instances(3);
      const loads = await undisturbed(async (attempt) => {
        let count = 0;
        const { promise, resolve } = Promise.withResolvers();
        const load = async (): Promise<unknown> => {
          count += 1;
          return promise;
        };
        key = `${key} ${attempt}`;
        const asked = all.flatMap((instance) => Array.from({ length: 100 }, () => read(instance, load)));
        await until(() => count > 0);
        setTimeout(() => resolve('value'), 100);
        expect(new Set((await Promise.all(asked)).map(({ value }) => value))).toEqual(new Set(['value']));
        return count;
      });
      expect(loads).toBe(1);
    });

    it('the one that loads dies without a word → another loads', async () => {
      const [a, b] = await twoInstances();
      void read(await a.ready(), () => new Promise(() => undefined)).catch(() => undefined);
      await until(async () => (await redis.query('EXISTS', `plinth:cache:lock:${key}`)) === 1);
      expect(await read(b, () => 'mine')).toEqual({ value: 'mine', source: 'loaded' });
    });

    it('the one that loads fails → another loads', async () => {
      const [a, b] = await twoInstances();
      const { promise, reject } = Promise.withResolvers();
      const failing = read(await a.ready(), () => promise);
      await until(async () => (await redis.query('EXISTS', `plinth:cache:lock:${key}`)) === 1);
      const other = read(b, () => 'mine');
      reject(new Error('no'));
      await expect(failing).rejects.toThrow('no');
      expect((await other).value).toBe('mine');
    });

    it('something foreign under the key → is loaded anew, and Redis stays in use', async () => {
      const a = await anInstance();
      await redis.query('SET', `plinth:cache:${key}`, 'no JSON at all {');
      expect((await read(a, () => 'value')).value).toBe('value');
      expect(a.cache.isShared).toBe(true);
    });
  });

  describe('invalidation', () => {
    it('1,000 times a change on one, then a read on the other → never the old value', async () => {
      const [a, b] = await twoInstances();
      const stale = await undisturbed(() => staleReads(a, b));
      expect(stale).toBe(0);
    });

    async function staleReads(a: CacheInstance, b: CacheInstance): Promise<number> {
      let truth = 0;
      let stale = 0;
      for (let n = 0; n < 1_000; n += 1) {
        const [writer, reader] = n % 2 === 0 ? [a, b] : [b, a];
        await read(reader, () => truth); // in its memory
        truth += 1;
        await writer.cache.invalidate('thing');
        if ((await read(reader, () => truth)).value !== truth) stale += 1;
      }
      return stale;
    }

    it('during a load on the other → neither keeps the old value', async () => {
      const [a, b] = await twoInstances();
      const { promise, resolve } = Promise.withResolvers();
      const before = read(await b.ready(), () => promise);
      await until(async () => (await redis.query('EXISTS', `plinth:cache:lock:${key}`)) === 1);
      await a.cache.invalidate('thing');
      const after = read(a, () => 'new');
      resolve('old');
      expect((await before).value).toBe('old');
      expect((await after).value).toBe('new');
      expect((await read(b, () => 'new')).value).toBe('new');
    });

    it('Redis is full and takes nothing → what was kept is dropped all the same', async () => {
      const full = await ownRedis('--maxmemory-policy', 'noeviction');
      const [a, b] = await twoInstances(full);
      await read(a, () => 'old');
      await until(async () => (await full.query('EXISTS', `plinth:cache:${key}`)) === 1);
      await read(b, () => 'old');
      await full.query('CONFIG', 'SET', 'maxmemory', '1');
      await a.cache.invalidate('thing');
      expect([(await read(b, () => 'new')).value, (await read(a, () => 'new')).value]).toEqual(['new', 'new']);
      expect(b.cache.isShared).toBe(true);
    });

    it('Redis refuses all writes → nobody reads the old value from it, and all goes on by itself', async () => {
      const readOnly = await ownRedis();
      const [a, b] = await twoInstances(readOnly);
      await read(a, () => 'old');
      await until(async () => (await readOnly.query('EXISTS', `plinth:cache:${key}`)) === 1);
      await readOnly.query('CONFIG', 'SET', 'min-replicas-to-write', '1');
      await a.cache.invalidate('thing');
      expect([(await read(b, () => 'new')).value, (await read(a, () => 'new')).value]).toEqual(['new', 'new']);
      await readOnly.query('CONFIG', 'SET', 'min-replicas-to-write', '0');
      await Promise.all([a.ready(), b.ready()]);
      expect((await read(b, () => 'newer')).value).not.toBe('old');
      await a.cache.invalidate('thing');
      expect((await read(b, () => 'newest')).value).toBe('newest');
    });

    it('Redis refuses writes while an instance starts → it joins as soon as it can', async () => {
      const readOnly = await ownRedis();
      await readOnly.query('CONFIG', 'SET', 'min-replicas-to-write', '1');
      const late = await CacheInstance.start(readOnly.url);
      cleanups.add(() => late.stop());
      expect([late.cache.isShared, (await read(late, () => 'alone')).value]).toEqual([false, 'alone']);
      await readOnly.query('CONFIG', 'SET', 'min-replicas-to-write', '0');
      await late.ready();
    });

    it('an instance starts → all load anew, for what a killed one could not tell', async () => {
      const a = await anInstance();
      await read(a, () => 'old');
      await anInstance();
      expect((await read(a, () => 'new')).value).toBe('new');
    });

    it('tags → only what hangs on them', async () => {
      const [a, b] = await twoInstances();
      await read(b, () => 'kept', { ...POLICY, tags: ['other'] });
      await a.cache.invalidate('thing');
      expect((await read(b, () => 'not asked', { ...POLICY, tags: ['other'] })).value).toBe('kept');
    });
  });

  describe('Redis goes away', () => {
    it('changed meanwhile → dropped before anybody reads it from Redis again', async () => {
      const own = await ownRedis();
      const [a, b] = await twoInstances(own);
      await read(a, () => 'old');
      await until(async () => (await own.query('EXISTS', `plinth:cache:${key}`)) === 1);
      own.freeze();
      await a.cache.invalidate('thing');
      own.thaw();
      await Promise.all([a.ready(), b.ready()]);
      expect([(await read(a, () => 'new')).value, (await read(b, () => 'new')).value]).toEqual(['new', 'new']);
    });

    it('killed and started again → both go on, and hear each other', async () => {
      const own = await ownRedis();
      const [a, b] = await twoInstances(own);
      await own.kill();
      await until(() => !a.cache.isShared && !b.cache.isShared);
      expect((await read(a, () => 'alone')).value).toBe('alone');
      await own.startAgain();
      await Promise.all([a.ready(), b.ready()]);
      await read(b, () => 'old');
      await a.cache.invalidate('thing');
      expect((await read(b, () => 'new')).value).toBe('new');
    });

    it('killed at once after a change, and back with an older memory → nothing of that is read', async () => {
      const own = await ownRedis();
      const [a, b] = await twoInstances(own);
      await read(a, () => 'old');
      await until(async () => (await own.query('EXISTS', `plinth:cache:${key}`)) === 1);
      await own.query('SAVE');
      await a.cache.invalidate('thing');
      await own.kill();
      await own.startAgain();
      await Promise.all([a.ready(), b.ready()]);
      expect([(await read(a, () => 'new')).value, (await read(b, () => 'new')).value]).toEqual(['new', 'new']);
    });

    it('away → a change on the other shows within 2 s', async () => {
      const own = await ownRedis();
      const [a, b] = await twoInstances(own);
      await read(b, () => 'old');
      await own.kill();
      await a.cache.invalidate('thing');
      const at = performance.now();
      await until(async () => (await read(b, () => 'new')).value === 'new', 4_000);
      expect(performance.now() - at).toBeLessThan(2_000);
    });
  });

  describe('the Redis of others', () => {
    it('their keys → survive whatever the cache does, and FLUSH is never sent', async () => {
      const own = await ownRedis();
      await own.query('SET', 'foreign', 'value');
      const [a, b] = await twoInstances(own);
      await read(a, () => 1);
      await b.cache.invalidate('thing', '*');
      await own.kill();
      await own.startAgain();
      await own.query('SET', 'foreign', 'value');
      await Promise.all([a.ready(), b.ready()]);
      await read(b, () => 2);
      expect(await own.query('GET', 'foreign')).toBe('value');
      expect([...(await own.commands()).keys()].filter((name) => name.startsWith('flush'))).toEqual([]);
    });
  });
});

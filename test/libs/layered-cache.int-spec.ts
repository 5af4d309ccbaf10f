import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { LayeredCache } from '@app/cache';
import { configureLogging } from '@app/logging';
import { AppError, defineProblem } from '@app/problem';
import { CacheInstance } from '../support/cache-instance.js';

const POLICY = { ttlMs: 10_000, staleMs: 5_000, tags: ['thing:1'] };
const GONE = defineProblem({ code: 'spec.gone', status: 404, title: 'Gone', description: 'It has gone.' });

class GoneError extends AppError {
  constructor() {
    super(GONE, 'It has gone.');
  }
}

let instance: CacheInstance;
let cache: LayeredCache;

beforeEach(async () => {
  await configureLogging({ level: 'silent', format: 'json' });
  instance = await CacheInstance.start();
  cache = instance.cache;
  jest.useFakeTimers({ now: 1_000_000_000_000, doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
});

afterEach(async () => {
  jest.useRealTimers();
  await instance.stop();
});

/** A loader that counts, and gives one value after the other. */
function loader(...values: readonly unknown[]) {
  let count = 0;
  const load = async (): Promise<unknown> => {
    const value = values[Math.min(count, values.length - 1)];
    count += 1;
    if (value instanceof Error) throw value;
    return value;
  };
  return Object.assign(load, { count: () => count });
}

/** A loader that ends when the test says so. */
function gated() {
  const { promise, resolve } = Promise.withResolvers();
  return { open: resolve, load: () => promise };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('hits and misses', () => {
  it.each([['a value'], [0], [false], [''], [null], [{ a: [1, null] }]])('%j → loaded once', async (value) => {
    const load = loader(value);
    expect(await cache.lookup('k', load, POLICY)).toEqual({ value, source: 'loaded' });
    expect(await cache.lookup('k', load, POLICY)).toEqual({ value, source: 'L1' });
    expect(load.count()).toBe(1);
  });

  it('undefined → is kept as null', async () => {
    const load = loader(undefined);
    expect([await cache.wrap('k', load, POLICY), await cache.wrap('k', load, POLICY)]).toEqual([null, null]);
    expect(load.count()).toBe(1);
  });

  it('a value as JSON keeps it → the same on the first and on every later read', async () => {
    const load = loader({ at: new Date(0), none: undefined });
    const expected = { at: '1970-01-01T00:00:00.000Z' };
    expect([await cache.wrap('k', load, POLICY), await cache.wrap('k', load, POLICY)]).toEqual([expected, expected]);
  });

  it('a reader that changes what he got → is stopped, and nobody else sees it', async () => {
    const { deep } = await cache.wrap('k', async () => ({ deep: { a: 1 } }), POLICY);
    expect(() => Object.assign(deep, { a: 2 })).toThrow(TypeError);
  });

  it('100 at once → one load', async () => {
    const { load, open } = gated();
    const counted = loader('unused');
    const asked = Array.from({ length: 100 }, () => cache.wrap('k', async () => (await counted(), load()), POLICY));
    open('value');
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['value']));
    expect(counted.count()).toBe(1);
  });

  it('an error → reaches all who wait, and is not kept', async () => {
    const load = loader(new Error('no'), 'value');
    const asked = await Promise.allSettled([cache.wrap('k', load, POLICY), cache.wrap('k', load, POLICY)]);
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await cache.wrap('k', load, POLICY)).toBe('value');
    expect(load.count()).toBe(2);
  });
});

describe('time', () => {
  it('within the time → not loaded again', async () => {
    const load = loader('one', 'two');
    await cache.wrap('k', load, POLICY);
    jest.setSystemTime(Date.now() + 8_900);
    expect(await cache.wrap('k', load, POLICY)).toBe('one');
  });

  it('after it → the old value at once, one renewal for all, then the new value', async () => {
    const load = loader('one', 'two');
    await cache.wrap('k', load, POLICY);
    jest.setSystemTime(Date.now() + 11_100);
    const found = await Promise.all(Array.from({ length: 50 }, () => cache.lookup('k', load, POLICY)));
    expect(new Set(found.map(({ value, source }) => `${String(value)} ${source}`))).toEqual(new Set(['one stale']));
    await settle();
    expect(await cache.lookup('k', load, POLICY)).toEqual({ value: 'two', source: 'L1' });
    expect(load.count()).toBe(2);
  });

  it('after the stale time, too → loaded', async () => {
    const load = loader('one', 'two');
    await cache.wrap('k', load, POLICY);
    jest.setSystemTime(Date.now() + 16_100);
    expect(await cache.lookup('k', load, POLICY)).toEqual({ value: 'two', source: 'loaded' });
  });

  it('nothing found → asked again after 5 s', async () => {
    const load = loader(null, 'born');
    await cache.wrap('k', load, POLICY);
    jest.setSystemTime(Date.now() + 5_600);
    expect(await cache.wrap('k', load, POLICY)).toBe('born');
  });

  it('the source fails after the time → the stale value stands in, again and again', async () => {
    const load = loader('one', new Error('away'));
    await cache.wrap('k', load, POLICY);
    jest.setSystemTime(Date.now() + 12_000);
    for (const _ of [1, 2, 3]) {
      expect(await cache.lookup('k', load, POLICY)).toEqual({ value: 'one', source: 'stale' });
      await settle();
    }
    expect(load.count()).toBe(4);
  });

  it('the source fails after the stale time → its error', async () => {
    const load = loader('one', new Error('away'));
    await cache.wrap('k', load, POLICY);
    jest.setSystemTime(Date.now() + 16_100);
    await expect(cache.wrap('k', load, POLICY)).rejects.toThrow('away');
  });
});

describe('invalidation', () => {
  it('of a tag → what hangs on it is loaded again, nothing else', async () => {
    const [one, two] = [loader('a', 'b'), loader('c', 'd')];
    await cache.wrap('k1', one, POLICY);
    await cache.wrap('k2', two, { ...POLICY, tags: ['thing:2'] });
    await cache.invalidate('thing:1');
    expect(await cache.wrap('k1', one, POLICY)).toBe('b');
    expect(await cache.wrap('k2', two, POLICY)).toBe('c');
  });

  it('an invalidated value → never stands in for an error', async () => {
    const load = loader('one', new Error('away'));
    await cache.wrap('k', load, POLICY);
    await cache.invalidate('thing:1');
    await expect(cache.wrap('k', load, POLICY)).rejects.toThrow('away');
  });

  it('during a load → who asks after it does not get what that load brings, nor is it kept', async () => {
    const before = gated();
    const asked = cache.wrap('k', before.load, POLICY);
    await cache.invalidate('thing:1');
    const after = cache.wrap('k', loader('new'), POLICY);
    before.open('old');
    expect([await asked, await after, await cache.wrap('k', loader('unused'), POLICY)]).toEqual(['old', 'new', 'new']);
  });

  it('during a renewal → the old value is not kept', async () => {
    await cache.wrap('k', loader('one'), POLICY);
    jest.setSystemTime(Date.now() + 12_000);
    const renewal = gated();
    await cache.wrap('k', renewal.load, POLICY);
    await cache.invalidate('thing:1');
    renewal.open('old');
    await settle();
    expect(await cache.wrap('k', loader('new'), POLICY)).toBe('new');
  });

  it('the source says that there is none → so does the cache, although a stale value is there', async () => {
    await cache.wrap('k', loader('one'), POLICY);
    jest.setSystemTime(Date.now() + 12_000);
    const load = loader(new GoneError());
    expect(await cache.wrap('k', load, POLICY)).toBe('one'); // renews, and hears of it
    await settle();
    await expect(cache.wrap('k', load, POLICY)).rejects.toThrow(GoneError);
  });

  it('named by a transaction → dropped when it has said so', async () => {
    await cache.wrap('k', loader('one'), POLICY);
    await instance.transaction.changed('thing:1');
    expect(await cache.wrap('k', loader('two'), POLICY)).toBe('two');
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { configureLogging } from '@app/logging';
import { RedisConnection } from '@app/redis';
import { limitKey, MemoryRateLimitStore, RedisRateLimitStore, SLIDING_WINDOW, SlidingWindow } from '@app/throttling';
import { Cleanups } from '../support/cleanups.js';
import { describeWith } from '../support/installed.js';
import { LogCapture } from '../support/log-capture.js';
import { keepsTheContractOfStores } from '../support/rate-limit-store.contract.js';
import { ThrowAwayRedis } from '../support/throw-away-redis.js';
import { until } from '../support/waiting.js';

const RULE = { limit: 6, windowMs: 60_000 };
const KEY = limitKey('a:192.0.2.1', 'default');
const STORED = 'plinth:limit:{a:192.0.2.1}:default';

const cleanups = Cleanups.afterEach();
const hit = (cost = 1) => ({ ...RULE, key: KEY, cost });

async function connected(redis: ThrowAwayRedis): Promise<RedisConnection> {
  const connection = new RedisConnection({ url: redis.url });
  await connection.onModuleInit();
  return connection;
}

describeWith('redis-server')('limits in Redis', () => {
  let redis: ThrowAwayRedis;
  let connection: RedisConnection;
  let store: RedisRateLimitStore;
  let log: LogCapture;
  beforeAll(async () => {
    await configureLogging({ level: 'silent', format: 'json' });
    redis = await ThrowAwayRedis.start();
    connection = await connected(redis);
  });
  beforeEach(async () => {
    log = new LogCapture();
    await configureLogging({ level: 'info', format: 'json', stream: log });
    await until(() => connection.isUp);
    await redis.query('DEL', STORED);
    store = new RedisRateLimitStore(connection, new MemoryRateLimitStore());
  });
  afterEach(() => configureLogging({ level: 'silent', format: 'json' }));
  afterAll(async () => {
    connection.onApplicationShutdown();
    await redis.remove();
  });

  describe('as every store', () => keepsTheContractOfStores(() => store));

  it('two instances at the same time → exactly the limit, together', async () => {
    const second = await connected(redis);
    cleanups.add(() => second.onApplicationShutdown());
    const other = new RedisRateLimitStore(second, new MemoryRateLimitStore());
    const asked = { ...hit(), limit: 100 };
    const verdicts = await Promise.all(
      Array.from({ length: 400 }, (_, index) => (index % 2 ? store : other).take(asked)),
    );
    expect(verdicts.filter(({ admitted }) => admitted)).toHaveLength(100);
    expect(verdicts.some(({ isLocal }) => isLocal)).toBe(false);
  });

  it('a hit → one string under a key that a cluster keeps with the tracker, gone when the window is empty', async () => {
    await store.take(hit());
    expect(await redis.query('TYPE', STORED)).toBe('string');
    const leftMs = Number(await redis.query('PTTL', STORED));
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(RULE.windowMs);
  });

  it('several keys → one command', async () => {
    await store.take(hit());
    const before = (await redis.commands()).get('evalsha') ?? 0;
    await store.takeAll([hit(), { ...hit(0), key: limitKey('a:192.0.2.1', 'address') }]);
    expect(((await redis.commands()).get('evalsha') ?? 0) - before).toBe(1);
  });

  it('a look, or a denied hit → writes nothing', async () => {
    await store.take(hit(6));
    const before = (await redis.commands()).get('set') ?? 0;
    await store.peek(KEY, RULE);
    expect((await store.take(hit())).admitted).toBe(false);
    expect((await redis.commands()).get('set') ?? 0).toBe(before);
  });

  it('a window in all its slots → at most 61 of them in a kilobyte', async () => {
    const script = withClock(SLIDING_WINDOW);
    const ask = (at: number) => redisRun(connection, script, ['1000000', '60000', '1', '0', '0'], at);
    for (let at = 0; at < 130_000; at += 250) await ask(1_700_000_000_000 + at);
    expect(Number(await redis.query('STRLEN', STORED))).toBeLessThan(1_024);
  });

  it('5,000 random calls → the script and the window in memory say the same, to the millisecond', async () => {
    const script = withClock(SLIDING_WINDOW);
    const window = new SlidingWindow();
    let clock = 1_700_000_000_000;
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const seen = new Set<string>();
    for (let call = 0; call < 5_000; call += 1) {
      clock += [0, 250, 1_000, 9_000][random(4)] ?? 0;
      const asked = { limit: 1 + random(9), windowMs: 60_000, cost: random(4), blockMs: random(40) === 0 ? 5_000 : 0 };
      const isBack = random(5) === 0;
      const at = clock - random(20_000);
      const cost = isBack ? -asked.cost - 1 : asked.cost;
      const numbers = [asked.limit, asked.windowMs, cost, asked.blockMs, at].map(String);
      const [reply] = await redisRun(connection, script, numbers, clock);
      if (isBack) window.giveBack({ ...asked, cost: -cost }, at);
      else {
        const verdict = window.take(asked, clock);
        expect(reply).toEqual([
          Number(verdict.admitted),
          verdict.remaining,
          verdict.waitMs,
          verdict.resetMs,
          verdict.resetBeforeMs,
          verdict.at,
        ]);
        seen.add(`${verdict.admitted} ${verdict.remaining > 0} ${verdict.waitMs > 0}`);
      }
    }
    expect([...seen].toSorted()).toEqual(['false false true', 'false true true', 'true false true', 'true true false']);
  });

  it('the script forgotten by Redis → sent again, and nobody notices', async () => {
    await store.take(hit());
    await redis.query('SCRIPT', 'FLUSH');
    expect(await store.take(hit())).toMatchObject({ admitted: true, remaining: 4, isLocal: false });
  });

  it('Redis away → what was admitted here is remembered, and the limit holds; back → it counts there again', async () => {
    await store.take(hit(4));
    await redis.kill();
    expect(await store.take(hit())).toMatchObject({ admitted: true, remaining: 1, isLocal: true });
    expect(await store.take(hit())).toMatchObject({ admitted: true, remaining: 0 });
    expect(await store.take(hit())).toMatchObject({ admitted: false });
    await redis.startAgain();
    await until(async () => !(await store.peek(KEY, RULE)).isLocal);
  });

  it('Redis away → giving back and clearing do not fail', async () => {
    const verdict = await store.take(hit(4));
    await redis.kill();
    await store.giveBack([{ ...hit(4), at: verdict.at, isLocal: false }]);
    expect(await store.peek(KEY, RULE)).toMatchObject({ remaining: 6, isLocal: true });
    await store.take(hit(4));
    await store.clear(KEY);
    expect(await store.peek(KEY, RULE)).toMatchObject({ remaining: 6, isLocal: true });
    await redis.startAgain();
    await until(() => connection.isUp);
  });

  it('Redis full → counted here, said once; room again → counted there', async () => {
    await store.take(hit(4));
    await redis.query('CONFIG', 'SET', 'maxmemory', '1');
    const verdicts = [await store.take(hit()), await store.take(hit()), await store.take(hit())];
    expect(verdicts.map(({ admitted, isLocal }) => [admitted, isLocal])).toEqual([
      [true, true],
      [true, true],
      [false, true],
    ]);
    await redis.query('CONFIG', 'SET', 'maxmemory', '0');
    expect(await store.take(hit())).toMatchObject({ admitted: true, remaining: 1, isLocal: false });
    const refusals = log.lines().filter(({ message }) => String(message).startsWith('redis refuses'));
    expect(refusals).toHaveLength(1);
  });
});

/** The script on a clock that the test sets. */
function withClock(script: string): string {
  return script.replace("redis.call('TIME')", '{ ARGV[#ARGV] / 1000, 0 }');
}

function redisRun(connection: RedisConnection, script: string, numbers: readonly string[], clock: number) {
  return connection.run(async (client): Promise<unknown[]> => {
    const reply: unknown = await client.eval(script, { keys: [STORED], arguments: [...numbers, String(clock)] });
    return Array.isArray(reply) ? reply : [];
  });
}

import { afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { configureLogging } from '@app/logging';
import { RedisAwayError, RedisConnection } from '@app/redis';
import { register } from 'prom-client';
import { Cleanups } from '../support/cleanups.js';
import { describeWith } from '../support/installed.js';
import { LogCapture } from '../support/log-capture.js';
import { ThrowAwayRedis } from '../support/throw-away-redis.js';
import { until, within } from '../support/waiting.js';

/** Less than the time that a start gives to a Redis that is there. */
const AT_ONCE_MS = 450;
const DEADLINE_MS = 50;
const REFUSES = 'warn: redis refuses writes: cache and limits go on in the memory of each instance';
const TAKES = 'info: redis takes writes again';
/** When the client gives up a silent connection by itself. */
const SOCKET_TIMEOUT_MS = 2_500;

const cleanups = Cleanups.afterEach();
let log: LogCapture;

beforeAll(() => configureLogging({ level: 'silent', format: 'json' }));
beforeEach(async () => {
  log = new LogCapture();
  await configureLogging({ level: 'info', format: 'json', stream: log });
});
afterEach(() => configureLogging({ level: 'silent', format: 'json' }));

async function writable(): Promise<number | undefined> {
  return (await register.getSingleMetric('plinth_redis_writable')?.get())?.values[0]?.value;
}

async function connected(redis: ThrowAwayRedis): Promise<RedisConnection> {
  const connection = new RedisConnection({ url: redis.url });
  cleanups.add(() => connection.onApplicationShutdown());
  await connection.onModuleInit();
  return connection;
}

async function aRedis(...options: readonly string[]): Promise<ThrowAwayRedis> {
  const redis = await ThrowAwayRedis.start(...options);
  cleanups.add(() => redis.remove());
  return redis;
}

const ping = (connection: RedisConnection): Promise<unknown> => connection.run((client) => client.ping());

/** @returns when the command failed because Redis is away. */
async function givenUp(command: Promise<unknown>): Promise<number> {
  await expect(command).rejects.toBeInstanceOf(RedisAwayError);
  return performance.now();
}

async function answers(connection: RedisConnection): Promise<void> {
  await until(() => connection.isUp);
  expect(await ping(connection)).toBe('PONG');
}

const messages = (): unknown[] => log.lines().map(({ level, message }) => `${String(level)}: ${String(message)}`);
const UP = 'info: redis is up';
const AWAY = 'warn: redis is away: cache and limits go on in the memory of each instance';

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describeWith('redis-server')('Redis is there', () => {
  it('the start is over → it is up, said once, and shown as a metric', async () => {
    const connection = await connected(await aRedis());
    expect(connection).toMatchObject({ isConfigured: true, isUp: true });
    expect(await ping(connection)).toBe('PONG');
    expect(messages()).toEqual([UP]);
    expect(await register.getSingleMetricAsString('plinth_redis_up')).toMatch(/^plinth_redis_up 1$/m);
  });

  it.each([
    [300, 'before the command is sent', async () => undefined],
    [300, 'after it is sent', () => new Promise((resolve) => setImmediate(resolve))],
    [60, 'before the command is sent', async () => undefined],
  ])('the event loop is blocked for %i ms %s → the command is answered', async (ms, _, moment) => {
    const connection = await connected(await aRedis());
    const command = ping(connection);
    await moment();
    block(ms);
    expect(await command).toBe('PONG');
    expect(connection.isUp).toBe(true);
  });

  it('it refuses a command, or the command is faulty → the caller hears it, and Redis stays up', async () => {
    const connection = await connected(await aRedis());
    await connection.run((client) => client.set('text', 'x'));
    const faults: [RegExp, Promise<unknown>][] = [
      [/^WRONGTYPE/, connection.run((client) => client.lPush('text', 'y'))],
      [/^NOSCRIPT/, connection.run((client) => client.evalSha('0'.repeat(40)))],
      [/arguments/, connection.run((client) => client.set('text', Object(Symbol('no text'))))],
    ];
    for (const [message, command] of faults) await expect(command).rejects.toThrow(message);
    expect(await ping(connection)).toBe('PONG');
    expect(messages()).toEqual([UP]);
  });

  it('its memory is full → reads go on, it is said once, and it is said when writes are taken again', async () => {
    const redis = await aRedis('--maxmemory-policy', 'noeviction');
    const connection = await connected(redis);
    expect(await writable()).toBe(1);
    await redis.query('CONFIG', 'SET', 'maxmemory', '1');
    for (const _ of [1, 2, 3]) {
      await expect(connection.run((client) => client.set('key', 'x'))).rejects.toThrow(/^OOM/);
      expect(await connection.run((client) => client.get('key'))).toBeNull();
    }
    expect([connection.isUp, connection.isRefusing, await writable()]).toEqual([true, true, 0]);
    await redis.query('CONFIG', 'SET', 'maxmemory', '0');
    await until(() => !connection.isRefusing);
    expect(await writable()).toBe(1);
    expect(messages()).toEqual([UP, REFUSES, TAKES]);
  });

  it('more commands than the queue holds → away for a moment, and up again by itself', async () => {
    const connection = await connected(await aRedis());
    const commands = Array.from({ length: 6_000 }, () => ping(connection));
    const outcomes = await Promise.allSettled(commands);
    expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true);
    await answers(connection);
  });

  it('a listener fails → the others hear, and commands run', async () => {
    const redis = await aRedis();
    const connection = await connected(redis);
    const heard: boolean[] = [];
    connection.onChange(() => {
      throw new Error('planted');
    });
    connection.onChange((isUp) => heard.push(isUp));
    await redis.kill();
    await until(() => heard.length === 1);
    await redis.startAgain();
    await answers(connection);
    expect(heard).toEqual([false, true]);
  });
});

describeWith('redis-server')('Redis is not configured', () => {
  it('the start is over → commands are refused, and that is said once', async () => {
    const connection = new RedisConnection({ url: undefined });
    await connection.onModuleInit();
    expect(connection).toMatchObject({ isConfigured: false, isUp: false });
    await givenUp(ping(connection));
    expect(messages()).toEqual(['info: no REDIS_URL: a single instance, with cache and limits in its own memory']);
  });
});

describeWith('redis-server')('Redis is away', () => {
  it('at the start → it starts at once; when Redis appears, it is used', async () => {
    const redis = await ThrowAwayRedis.absent();
    cleanups.add(() => redis.remove());
    const connection = await within(AT_ONCE_MS, 'the start', connected(redis));
    expect(connection.isUp).toBe(false);
    await givenUp(ping(connection));
    await redis.startAgain();
    await answers(connection);
    expect(messages()).toEqual([AWAY, UP]);
  });

  it('frozen at the start → it starts all the same; when Redis answers, it is used', async () => {
    const redis = await aRedis();
    redis.freeze();
    const connection = await connected(redis);
    await givenUp(ping(connection));
    redis.thaw();
    await answers(connection);
  });

  it('killed, and started again → one line each, however many commands fail meanwhile', async () => {
    const redis = await aRedis();
    const connection = await connected(redis);
    await redis.kill();
    await until(() => !connection.isUp);
    for (const _ of Array(100).keys()) await givenUp(ping(connection));
    expect(await register.getSingleMetricAsString('plinth_redis_up')).toMatch(/^plinth_redis_up 0$/m);
    await until(() => log.lines().length > 1);
    await redis.startAgain();
    await answers(connection);
    expect(messages()).toEqual([UP, AWAY, UP]);
  });

  it('frozen → the first command waits 50 ms, all others under way end with it, and none waits any more', async () => {
    const redis = await aRedis();
    const connection = await connected(redis);
    redis.freeze();
    const startedAt = performance.now();
    const first = givenUp(ping(connection));
    await new Promise((resolve) => setTimeout(resolve, DEADLINE_MS / 2));
    const second = givenUp(ping(connection));
    const [firstEnd, secondEnd] = await Promise.all([first, second]);
    expect(firstEnd - startedAt).toBeGreaterThan(DEADLINE_MS - 5);
    expect(firstEnd - startedAt).toBeLessThan(SOCKET_TIMEOUT_MS / 2);
    expect(secondEnd - firstEnd).toBeLessThan(DEADLINE_MS / 4);
    await noneWaits(connection);
    redis.thaw();
    await answers(connection);
    expect(messages()).toEqual([UP, AWAY, UP]);
  });

  it('frozen until the sockets have given up → back by itself when it answers', async () => {
    const redis = await aRedis();
    const connection = await connected(redis);
    redis.freeze();
    await givenUp(ping(connection));
    await until(() => log.lines().length === 2);
    await new Promise((resolve) => setTimeout(resolve, 4_000)); // longer than the socket timeout and one attempt
    redis.thaw();
    await answers(connection);
    expect(messages()).toEqual([UP, AWAY, UP]);
  });

  it('frozen with a full queue → nobody waits, and it comes back', async () => {
    const redis = await aRedis();
    const connection = await connected(redis);
    redis.freeze();
    await Promise.all(Array.from({ length: 6_000 }, () => givenUp(ping(connection))));
    redis.thaw();
    await answers(connection);
  });
});

/** Fails when a command ends later than in the same turn of the event loop. */
async function noneWaits(connection: RedisConnection): Promise<void> {
  let turns = 0;
  const turn = setImmediate(() => (turns += 1));
  for (const _ of Array(100).keys()) await givenUp(ping(connection));
  clearImmediate(turn);
  expect(turns).toBe(0);
}

import { beforeAll, expect, it, jest } from '@jest/globals';
import { configureLogging } from '@app/logging';
import { RedisSubscriber } from '@app/redis';
import { Cleanups } from '../support/cleanups.js';
import { describeWith } from '../support/installed.js';
import { ThrowAwayRedis } from '../support/throw-away-redis.js';
import { until } from '../support/waiting.js';

const CHANNEL = 'news';
/** How long a proof holds, and room for a slow machine. */
const EXPIRED_MS = 1_400;

const cleanups = Cleanups.afterEach();
beforeAll(() => configureLogging({ level: 'silent', format: 'json' }));

interface Hearing {
  readonly subscriber: RedisSubscriber;
  readonly heard: string[];
  /** What `isConfirmed` said when a gap was announced. */
  readonly gaps: boolean[];
}

async function aRedis(): Promise<ThrowAwayRedis> {
  const redis = await ThrowAwayRedis.start();
  cleanups.add(() => redis.remove());
  return redis;
}

/** Subscribed, and confirmed where Redis is there. */
async function hearing(redis: ThrowAwayRedis): Promise<Hearing> {
  const subscriber = new RedisSubscriber({ url: redis.url });
  const [heard, gaps]: [string[], boolean[]] = [[], []];
  subscriber.subscribe(CHANNEL, (message) => heard.push(message));
  subscriber.onGap(() => gaps.push(subscriber.isConfirmed));
  cleanups.add(() => subscriber.onApplicationShutdown());
  await subscriber.onModuleInit();
  await until(() => subscriber.isConfirmed);
  return { subscriber, heard, gaps };
}

async function hears({ heard }: Hearing, redis: ThrowAwayRedis, message: string): Promise<void> {
  await redis.query('PUBLISH', CHANNEL, message);
  await until(() => heard.includes(message));
}

describeWith('redis-server')('a subscriber', () => {
  it('a message is published → it is heard', async () => {
    const redis = await aRedis();
    const all = await hearing(redis);
    await hears(all, redis, 'one');
    expect(all).toMatchObject({ heard: ['one'], gaps: [false] });
  });

  it('Redis is started again → it subscribes by itself, tells of the gap, and counts as confirmed only then', async () => {
    const redis = await aRedis();
    const all = await hearing(redis);
    await redis.kill();
    await until(() => !all.subscriber.isConfirmed);
    await redis.startAgain();
    await until(() => all.subscriber.isConfirmed);
    expect(all.gaps).toEqual([false, false]);
    await hears(all, redis, 'after');
  });

  it('Redis is killed → not confirmed as soon as this is noticed, though the last proof would still hold', async () => {
    const redis = await aRedis();
    const { subscriber } = await hearing(redis);
    const clock = jest.spyOn(performance, 'now').mockReturnValue(performance.now()); // no proof expires
    cleanups.add(() => clock.mockRestore());
    await redis.kill();
    await until(() => !subscriber.isConfirmed);
  });

  it('the connection is cut → not confirmed from the moment that this is noticed until the gap has been told', async () => {
    const redis = await aRedis();
    const { gaps } = await hearing(redis);
    await redis.query('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await until(() => gaps.length === 2);
    expect(gaps).toEqual([false, false]);
  });

  it('the connection is lost before a subscription is answered → it is made on the next one', async () => {
    const redis = await aRedis();
    const { subscriber } = await hearing(redis);
    const late: string[] = [];
    redis.freeze();
    subscriber.subscribe('late', (message) => late.push(message));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve))); // it is sent
    await redis.kill();
    await redis.startAgain();
    await until(() => subscriber.isConfirmed);
    await redis.query('PUBLISH', 'late', 'message');
    await until(() => late.length === 1);
  });

  it('another channel is added → not confirmed until it is subscribed', async () => {
    const redis = await aRedis();
    const { subscriber } = await hearing(redis);
    redis.freeze();
    subscriber.subscribe('late', () => undefined);
    expect(subscriber.isConfirmed).toBe(false);
    redis.thaw();
    await until(() => subscriber.isConfirmed);
    expect(await redis.query('PUBSUB', 'NUMSUB', 'late')).toEqual(['late', 1]);
  });

  it('Redis is frozen → not confirmed a second later; it answers → confirmed, and nothing was missed', async () => {
    const redis = await aRedis();
    const all = await hearing(redis);
    redis.freeze();
    await until(() => !all.subscriber.isConfirmed, EXPIRED_MS);
    redis.thaw();
    await until(() => all.subscriber.isConfirmed);
    await hears(all, redis, 'after');
    expect(all.gaps).toEqual([false]);
  });

  it('Redis is frozen until the connection is given up → the gap is told when it is back', async () => {
    const redis = await aRedis();
    const { subscriber, gaps } = await hearing(redis);
    redis.freeze();
    await new Promise((resolve) => setTimeout(resolve, 4_000)); // longer than the socket timeout and one attempt
    expect(subscriber.isConfirmed).toBe(false);
    redis.thaw();
    await until(() => subscriber.isConfirmed);
    expect(gaps).toEqual([false, false]);
  });

  it('listeners fail → the next message is heard all the same', async () => {
    const redis = await aRedis();
    const all = await hearing(redis);
    const planted = (): never => {
      throw new Error('planted');
    };
    all.subscriber.subscribe('faulty', planted);
    all.subscriber.onGap(planted);
    await redis.query('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await until(() => all.gaps.length > 1 && all.subscriber.isConfirmed);
    await redis.query('PUBLISH', 'faulty', 'x');
    await hears(all, redis, 'after');
  });

  it('there is no Redis → it is never confirmed', async () => {
    const subscriber = new RedisSubscriber({ url: undefined });
    await subscriber.onModuleInit();
    expect(subscriber.isConfirmed).toBe(false);
  });
});

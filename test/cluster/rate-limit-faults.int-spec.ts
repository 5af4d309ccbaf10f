import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { RedisConnection } from '@app/redis';
import { describeWith } from '../support/installed.js';
import { limitOf } from '../support/limits.js';
import { TestApp } from '../support/test-app.js';
import { ThrowAwayRedis } from '../support/throw-away-redis.js';
import { passwordGrant } from '../support/tokens.js';
import { until } from '../support/waiting.js';

const MAX = 5;

describeWith('redis-server')('limits while Redis goes and comes', () => {
  let app: TestApp;
  let redis: ThrowAwayRedis;
  beforeAll(async () => {
    redis = await ThrowAwayRedis.start();
    app = await TestApp.start({ REDIS_URL: redis.url, RATE_LIMIT_MAX: String(MAX), LOGIN_MAX_FAILURES: '3' });
  });
  afterAll(async () => {
    await app.stop();
    await redis.remove();
  });

  const isUp = () => app.app.get(RedisConnection).isUp;

  async function back(): Promise<void> {
    await redis.startAgain();
    await until(isUp);
  }

  it('Redis killed → what was counted still counts, every answer has the headers, and none fails', async () => {
    const { token } = await app.factory.signedIn();
    const ask = () => app.client.get('/users/me', { as: token });
    expect(limitOf(await ask()).remaining).toBe(4);
    expect(limitOf(await ask()).remaining).toBe(3);
    await redis.kill();
    const replies = [await ask(), await ask(), await ask(), await ask()];
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(replies.map((reply) => limitOf(reply).remaining)).toEqual([2, 1, 0, 0]);
    await back();
  });

  it('Redis frozen → the limit holds', async () => {
    const { token } = await app.factory.signedIn();
    const ask = () => app.client.get('/users/me', { as: token });
    await ask();
    redis.freeze();
    const replies = await Promise.all(Array.from({ length: 20 }, ask));
    redis.thaw();
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(MAX - 1);
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(20 - MAX + 1);
    await until(isUp);
  });

  it('304 with Redis there → given back there', async () => {
    const { token, id } = await app.factory.signedIn();
    const ask = (headers = {}) => app.client.get('/users/me', { as: token, headers });
    const etag = (await ask()).headers['etag'] ?? '';
    for (let time = 0; time < 8; time += 1) expect((await ask({ 'If-None-Match': etag })).status).toBe(304);
    expect(limitOf(await ask()).remaining).toBe(MAX - 2);
    expect(await redis.query('EXISTS', `plinth:limit:{u:${id}}:default`)).toBe(1);
  });

  it('a locked account, then Redis killed and back with nothing in it → locked all the time', async () => {
    const { email } = await app.factory.aUser();
    const signIn = async (password?: string) => {
      await app.app
        .get(RedisConnection)
        .run((client) => client.del('plinth:limit:{a:127.0.0.1}:default'))
        .catch(() => 0);
      return (await app.client.post('/auth/token', { body: passwordGrant(email, password) })).body.code;
    };
    for (let failure = 0; failure < 3; failure += 1) expect(await signIn('wrong password')).toBeUndefined();
    expect(await signIn()).toBe('auth.locked');
    expect(String(await redis.query('KEYS', '*'))).not.toContain(email);
    await redis.kill();
    expect(await signIn()).toBe('auth.locked');
    await back();
    expect(await signIn()).toBe('auth.locked');
  });
});

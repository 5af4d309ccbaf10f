import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it } from '@jest/globals';
import { Cleanups } from '../support/cleanups.js';
import { describeWith } from '../support/installed.js';
import { aRedisChild } from '../support/redis-child.js';
import { ThrowAwayRedis } from '../support/throw-away-redis.js';
import { until, within } from '../support/waiting.js';

/** A client that waits for its next attempt to connect ends with it, in less than a second. */
const END_LIMIT_MS = 3_000;

const cleanups = Cleanups.afterEach();

/** @returns the lines of the process so far; it is ready. */
async function readyLines(child: ChildProcess): Promise<readonly string[]> {
  const lines: string[] = [];
  if (child.stdout) createInterface(child.stdout).on('line', (line) => lines.push(line));
  await until(() => lines.includes('ready'));
  return lines;
}

async function aRedis(): Promise<ThrowAwayRedis> {
  const redis = await ThrowAwayRedis.start();
  cleanups.add(() => redis.remove());
  return redis;
}

describeWith('redis-server')('a process with both connections', () => {
  it.each<[string, (redis: ThrowAwayRedis) => Promise<unknown> | void]>([
    ['Redis is there', () => undefined],
    ['Redis is gone', (redis) => redis.kill()],
    ['Redis is frozen', (redis) => redis.freeze()],
  ])('%s, and it is closed → nothing keeps the process', async (_, happens) => {
    const redis = await aRedis();
    const child = aRedisChild(cleanups, redis.url);
    await readyLines(child);
    await happens(redis);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await within(END_LIMIT_MS, 'the end of the process', ended)).toEqual([0, null]);
  });

  it('there was no Redis, and it is closed → nothing keeps the process', async () => {
    const redis = await ThrowAwayRedis.absent();
    cleanups.add(() => redis.remove());
    const child = aRedisChild(cleanups, redis.url);
    await readyLines(child);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await within(END_LIMIT_MS, 'the end of the process', ended)).toEqual([0, null]);
  });

  it('it was frozen itself for longer than a proof holds → it finds its proof expired at once', async () => {
    const child = aRedisChild(cleanups, (await aRedis()).url);
    const lines = await readyLines(child);
    child.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    child.kill('SIGCONT');
    await until(() => lines.length > 1);
    expect(lines).toEqual(['ready', 'late false']);
  });
});

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AppLogger } from '@app/logging';
import { RepeatedTask } from './repeated-task.js';

const PERIOD_MS = 1_000;
/** The longest that a pause can be. */
const PAUSE_MS = 1_300;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe('RepeatedTask', () => {
  it('started → runs after a pause, and again after each run', async () => {
    const work = jest.fn(async () => undefined);
    const task = new RepeatedTask({ what: 'test', periodMs: PERIOD_MS }, work);
    task.start();
    expect(work).not.toHaveBeenCalled();
    for (const runs of [1, 2, 3]) {
      await jest.advanceTimersByTimeAsync(PAUSE_MS);
      expect(work.mock.calls.length).toBeGreaterThanOrEqual(runs);
    }
    await task.stop();
  });

  it('a run that takes long → none beside it, and stop waits for it', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const work = jest.fn(() => promise);
    const task = new RepeatedTask({ what: 'test', periodMs: PERIOD_MS }, work);
    task.start();
    await jest.advanceTimersByTimeAsync(10 * PAUSE_MS);
    expect(work).toHaveBeenCalledTimes(1);
    let hasStopped = false;
    const stopping = task.stop().then(() => (hasStopped = true));
    await jest.advanceTimersByTimeAsync(PAUSE_MS);
    expect([task.isStopped, hasStopped]).toEqual([true, false]);
    resolve();
    await stopping;
    await jest.advanceTimersByTimeAsync(10 * PAUSE_MS);
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('runs that fail → said once, goes on, and says once that it works again', async () => {
    const error = jest.spyOn(AppLogger.prototype, 'error').mockImplementation(() => undefined);
    const info = jest.spyOn(AppLogger.prototype, 'info').mockImplementation(() => undefined);
    let isBroken = true;
    const task = new RepeatedTask({ what: 'test', periodMs: PERIOD_MS }, async () => {
      if (isBroken) throw new Error('broken');
    });
    task.start();
    await jest.advanceTimersByTimeAsync(5 * PAUSE_MS);
    isBroken = false;
    await jest.advanceTimersByTimeAsync(5 * PAUSE_MS);
    await task.stop();
    expect([error.mock.calls.length, info.mock.calls.length]).toEqual([1, 1]);
  });
});

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Attempt } from './attempt.js';
import { JobAttempts } from './job-attempts.js';
import { RunningAttempts } from './running-attempts.js';

const PERIOD_MS = 1_000;

let asked: PromiseWithResolvers<Set<string>>[];
let running: RunningAttempts;

beforeEach(() => {
  jest.useFakeTimers();
  asked = [];
  const attempts: JobAttempts = Object.create(JobAttempts.prototype);
  jest.spyOn(attempts, 'stillHeld').mockImplementation(() => {
    const answer = Promise.withResolvers<Set<string>>();
    asked.push(answer);
    return answer.promise;
  });
  running = new RunningAttempts(attempts);
});
afterEach(() => void jest.useRealTimers());

/** @returns ends it. */
function anAttempt(id: string): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const attempt: Attempt = Object.assign(Object.create(Attempt.prototype), { job: { id }, key: { id, attempt: 1 } });
  jest.spyOn(attempt, 'stop').mockReturnValue();
  const ended = running.during(attempt, () => promise);
  return () => {
    resolve();
    return ended;
  };
}

describe('the question whether jobs are still ours', () => {
  it('the last attempt ends and another begins while it is asked → it is asked once a second, as before', async () => {
    const endFirst = anAttempt('first');
    await jest.advanceTimersByTimeAsync(PERIOD_MS);
    expect(asked.length).toBe(1);
    await endFirst();
    const endSecond = anAttempt('second');
    asked[0]?.resolve(new Set());
    await jest.advanceTimersByTimeAsync(PERIOD_MS);
    expect(asked.length).toBe(2);
    await endSecond();
    expect(jest.getTimerCount()).toBe(0);
  });
});

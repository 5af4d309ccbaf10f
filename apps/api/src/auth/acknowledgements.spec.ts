import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Acknowledgements } from './acknowledgements.js';

const TIMEOUT_MS = 250;
let acknowledgements: Acknowledgements;
const hear = (number: number, to = 'me'): void => acknowledgements.hear(JSON.stringify({ to, number }), 'me');

beforeEach(() => {
  jest.useFakeTimers();
  acknowledgements = new Acknowledgements();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('Acknowledgements', () => {
  it('nobody else there → at once', async () => {
    expect(await acknowledgements.wait(acknowledgements.begin(), 0, TIMEOUT_MS)).toBe(true);
  });

  it('answers before anyone waits → counted', async () => {
    const number = acknowledgements.begin();
    hear(number);
    hear(number);
    expect(await acknowledgements.wait(number, 2, TIMEOUT_MS)).toBe(true);
  });

  it('the last answer while waiting → true, and no timer is left', async () => {
    const number = acknowledgements.begin();
    hear(number);
    const waiting = acknowledgements.wait(number, 2, TIMEOUT_MS);
    hear(number);
    expect(await waiting).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each<[string, () => void]>([
    ['one too few', () => hear(1)],
    ['answers to another instance', () => [hear(1, 'you'), hear(1, 'you')]],
    ['answers to another notice', () => [hear(2), hear(2), hear(99)]],
  ])('%s → false at the timeout, not before', async (_situation, answer) => {
    const settled = jest.fn();
    const number = acknowledgements.begin();
    acknowledgements.begin();
    const waiting = acknowledgements.wait(number, 2, TIMEOUT_MS).then((complete) => settled(complete));
    answer();
    await jest.advanceTimersByTimeAsync(TIMEOUT_MS - 1);
    expect(settled).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1);
    await waiting;
    expect(settled).toHaveBeenCalledWith(false);
  });

  it('two notices at once → each has its own count', async () => {
    const [a, b] = [acknowledgements.begin(), acknowledgements.begin()];
    const waiting = [acknowledgements.wait(a, 1, TIMEOUT_MS), acknowledgements.wait(b, 1, TIMEOUT_MS)];
    hear(b);
    await jest.advanceTimersByTimeAsync(TIMEOUT_MS);
    expect(await Promise.all(waiting)).toEqual([false, true]);
  });

  it('a notice that nobody ever waits for → forgotten after 10,000 more', async () => {
    const number = acknowledgements.begin();
    for (let n = 0; n < 10_000; n += 1) acknowledgements.begin();
    hear(number);
    expect(await acknowledgements.wait(number, 1, TIMEOUT_MS)).toBe(false);
  });
});

import { stat } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Deadline } from './deadline.js';

const MS = 100;

/** @returns what ended the wait: `met` by `question`, which calls back when the answer is there; or `late`. */
function outcomeOf(question: (answered: () => void) => void): Promise<string> {
  return new Promise((resolve) => {
    const deadline = new Deadline(
      MS,
      ({ message }) => resolve(message),
      () => deadline.giveUp(new Error('late')),
    );
    question(() => resolve(deadline.met() ? 'met' : 'met too late'));
  });
}

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('Deadline', () => {
  it('no answer → late, and not before its time', async () => {
    const startedAt = performance.now();
    expect(await outcomeOf(() => undefined)).toBe('late');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(MS - 2);
  });

  it('the event loop was blocked before the question could be sent → the answer counts', async () => {
    const outcome = outcomeOf((answered) => setImmediate(() => stat('/', answered)));
    block(3 * MS);
    expect(await outcome).toBe('met');
  });

  it('the answer is there when the time is over, but could not be read yet → it counts', async () => {
    const outcome = outcomeOf((answered) => {
      setTimeout(() => {
        stat('/', answered);
        block(MS);
      }, MS * 0.9);
    });
    expect(await outcome).toBe('met');
  });

  it('given up twice, or met afterwards → the first counts', () => {
    const ends: string[] = [];
    const deadline = new Deadline(
      MS,
      ({ message }) => ends.push(message),
      () => undefined,
    );
    deadline.giveUp(new Error('first'));
    deadline.giveUp(new Error('second'));
    expect([deadline.met(), ends]).toEqual([false, ['first']]);
  });
});

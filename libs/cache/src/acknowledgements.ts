interface Waiting {
  heard: number;
  expected: number;
  readonly done: (complete: boolean) => void;
}

/** Counts the answers to numbered notices. An answer that comes before it is known how many there will be is counted too. */
export class Acknowledgements {
  private readonly waiting = new Map<number, Waiting>();

  /** @returns true when all have come, false after the timeout (in milliseconds) or when it is given up. */
  wait(number: number, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => done(false), timeoutMs);
      const done = (complete: boolean): void => {
        clearTimeout(timer);
        this.waiting.delete(number);
        resolve(complete);
      };
      this.waiting.set(number, { heard: 0, expected: Infinity, done });
    });
  }

  /** So many instances got the notice. */
  expect(number: number, count: number): void {
    const waiting = this.waiting.get(number);
    if (!waiting) return;
    waiting.expected = count;
    if (waiting.heard >= count) waiting.done(true);
  }

  hear(number: number): void {
    const waiting = this.waiting.get(number);
    if (!waiting) return;
    waiting.heard += 1;
    if (waiting.heard >= waiting.expected) waiting.done(true);
  }

  giveUp(number: number): void {
    this.waiting.get(number)?.done(false);
  }
}

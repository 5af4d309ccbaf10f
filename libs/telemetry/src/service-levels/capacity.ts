import type { Figures } from './figures.js';

/** Below these, what the process does by itself would pass for the cost of requests. */
const BUSY_CPU = 0.2;
const BUSY_REQUESTS_PER_SECOND = 20;
const ENOUGH_REQUESTS = 1_000;
/** Of the busy times that are remembered. */
const MAX_AGE_MS = 3_600_000;

interface Busy {
  readonly at: number;
  readonly requests: number;
  /** Seconds times share of the CPU. */
  readonly cost: number;
}

/**
 * Requests per second that the process sustains, from what requests cost it while it was busy: at 300 a second on 40 % of
 * the CPU that it may use, it sustains 750. An idle process says nothing of its capacity, and loses none.
 */
export class Capacity {
  private busy: readonly Busy[] = [];

  /** @param figures of the seconds that ended at `at`. */
  add(at: number, { seconds, requests, cpu }: Pick<Figures, 'seconds' | 'requests' | 'cpu'>): void {
    this.busy = this.busy.filter((kept) => kept.at > at - MAX_AGE_MS);
    if (cpu === null || cpu < BUSY_CPU || requests < BUSY_REQUESTS_PER_SECOND * seconds) return;
    this.busy = [...this.busy, { at, requests, cost: cpu * seconds }];
  }

  /** @returns null while too few requests were answered by a busy process in the last hour. */
  estimate(): number | null {
    const requests = this.busy.reduce((total, kept) => total + kept.requests, 0);
    const cost = this.busy.reduce((total, kept) => total + kept.cost, 0);
    return requests < ENOUGH_REQUESTS ? null : requests / cost;
  }
}

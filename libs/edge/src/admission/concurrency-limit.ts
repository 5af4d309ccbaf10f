export interface ConcurrencyLimitOptions {
  readonly min: number;
  /** Before anything was seen. */
  readonly start: number;
  readonly max: number;
  /** What nine of ten answers should take at most, in milliseconds. */
  readonly targetMs: number;
}

/** Fewer answers say nothing. */
const FEW = 10;
const QUANTILE = 0.9;
const SHRINK = 0.8;
const GROW = 0.1;
/** Below this share of the target there is room for more. */
const ROOMY = 0.6;
/** Decisions lie at least so far apart, in milliseconds: the effect of one is seen before the next. */
const PAUSE_MS = 100;

/**
 * How many requests may be under way so that they are answered in time. It shrinks by a fifth when they take too long, and
 * grows by a tenth while they are quick and half of it is used (multiplicative as TCP's window when it finds the limit, so
 * that it finds it within a second).
 */
export class ConcurrencyLimit {
  private limit: number;
  private took: number[] = [];
  private mostRunning = 0;
  private decidedAt = -Infinity;

  constructor(private readonly options: ConcurrencyLimitOptions) {
    this.limit = options.start;
  }

  get value(): number {
    return this.limit;
  }

  /** An answer. @param running how many were under way with it; @param at milliseconds, monotonic. */
  observe(tookMs: number, running: number, at: number): void {
    this.took.push(tookMs);
    this.mostRunning = Math.max(this.mostRunning, running);
    if (this.took.length < FEW || at - this.decidedAt < PAUSE_MS) return;
    this.decide(quantile(this.took));
    this.decidedAt = at;
    this.took = [];
    this.mostRunning = 0;
  }

  private decide(tookMs: number): void {
    const { min, max, targetMs } = this.options;
    if (tookMs > targetMs) {
      this.limit = Math.max(min, Math.floor(Math.min(this.limit, this.mostRunning) * SHRINK));
    } else if (tookMs < targetMs * ROOMY && this.mostRunning * 2 >= this.limit) {
      this.limit = Math.min(max, this.limit + Math.max(1, Math.floor(this.limit * GROW)));
    }
  }
}

function quantile(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * QUANTILE)] ?? 0;
}

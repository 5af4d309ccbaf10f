/** Requests of one route since the start. */
export interface RouteTotals {
  readonly method: string;
  readonly route: string;
  readonly requests: number;
  /** Answers of class 5xx. */
  readonly errors: number;
  readonly seconds: number;
  /** Answers of the other classes, cumulative, by {@link Sample.bounds} and beyond. */
  readonly buckets: readonly number[];
}

/** Values that the cache gave since the start, by where they came from. */
export interface CacheTotals {
  readonly l1: number;
  readonly l2: number;
  readonly stale: number;
  readonly loaded: number;
}

/**
 * What one process, or several together, have counted so far. Plain members, so that a process can send it to another,
 * and totals, so that those of several add up.
 */
export interface Sample {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Upper bounds of the buckets, seconds. */
  readonly bounds: readonly number[];
  readonly routes: readonly RouteTotals[];
  readonly cache: CacheTotals;
  /** CPU time of all threads, seconds. */
  readonly cpuSeconds: number;
  /** CPU time of the threads that run JavaScript, seconds. */
  readonly mainThreadSeconds: number;
  /** Processes that this is the sum of, each with one thread for JavaScript. */
  readonly processes: number;
  readonly memoryBytes: number;
  /** What the processes may use together. */
  readonly allowance: Allowance;
}

export interface Allowance {
  /** Cores, whole or not. */
  readonly cores: number;
  readonly memoryBytes: number;
}

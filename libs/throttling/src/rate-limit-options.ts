/** What the composition root gives. */
export abstract class RateLimitOptions {
  /** Window of both policies, in seconds. */
  abstract readonly windowS: number;
  /** Requests of a user or, anonymous, of an address: policy `default`. */
  abstract readonly max: number;
  /** Requests of an address, whoever asks from there: policy `address`. */
  abstract readonly addressMax: number;
  /** Paths that are free and carry no headers of limits. */
  abstract readonly uncounted: RegExp;
  /** Failures until {@link AttemptLimit} locks, and the window in which they count. */
  abstract readonly attempts: { readonly maxFailures: number; readonly windowS: number };
}

/** What the composition root gives. */
export abstract class CacheOptions {
  /** False: everything is loaded each time, and invalidations still reach the other instances. */
  abstract readonly enabled: boolean;
  /** What of `Prefer` makes another answer; what does not is left out, so that nobody multiplies the entries with it. */
  abstract readonly variantOf: (preferences: string) => string;
}

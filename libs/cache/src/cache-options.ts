import type { ExecutionContext } from '@nestjs/common';

/** What the composition root gives. */
export abstract class CacheOptions {
  /** False: everything is loaded each time, and invalidations still reach the other instances. */
  abstract readonly enabled: boolean;
  /**
   * What makes another answer of a route, beside the URL and the caller; what does not is left out, so that nobody
   * multiplies the entries with it. Undefined: the answer is none that could be kept.
   */
  abstract readonly variantOf: (context: ExecutionContext) => string | undefined;
}

/** What the composition root gives. */
export abstract class RedisOptions {
  /** `redis://…` or `rediss://…`; undefined: single-instance mode, nothing is shared. */
  abstract readonly url: string | undefined;
}

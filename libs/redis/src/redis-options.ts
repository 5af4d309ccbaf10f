/** What the composition root gives. */
export abstract class RedisOptions {
  /**
   * `redis://…` or `rediss://…`; of a cluster one node or several, comma separated: they are asked for the others.
   * Undefined: single-instance mode, nothing is shared.
   */
  abstract readonly url: string | undefined;
  /** Whether it is a Redis Cluster. */
  abstract readonly isCluster?: boolean;
}

/** Where a value came from: memory, Redis, either of them past its time, or its loader. */
export type Source = 'L1' | 'L2' | 'stale' | 'loaded';

export interface Sourced<T> {
  readonly value: T;
  readonly source: Source;
}

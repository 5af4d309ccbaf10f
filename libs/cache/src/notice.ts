/** What instances tell each other when something has changed. */
export interface Notice {
  readonly from: string;
  readonly number: number;
  readonly tags: readonly string[];
  /** Redis did not take the tags: what stands in it counts for nobody until it does. */
  readonly isRefused?: boolean;
}

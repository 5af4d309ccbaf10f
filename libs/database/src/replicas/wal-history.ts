/** What the primary said of its write-ahead log. Positions are bytes from its beginning. */
export interface WalSample {
  /** By the clock of the primary, read before the positions: what was committed by then lies before `inserted`. */
  readonly at: Date;
  readonly inserted: number;
  /** What a replica can have. */
  readonly flushed: number;
  /** By the clock of this process, milliseconds: before the primary was asked. */
  readonly askedAt: number;
}

/** From one sample to the next, about: nothing is held against a replica meanwhile. */
export const PERIOD_MS = 250;
const KEPT = 240;

/** The last samples of the primary: what a replica's position means in time. */
export class WalHistory {
  private readonly samples: WalSample[] = [];

  note(sample: WalSample): void {
    this.samples.push(sample);
    if (this.samples.length > KEPT) this.samples.shift();
  }

  /** The latest instant at which everything committed had been replayed for certain; undefined: none that is known. */
  completeAt(replayed: number): Date | undefined {
    return this.samples.findLast(({ inserted }) => inserted <= replayed)?.at;
  }

  /**
   * How long ago a replica at this position had everything, milliseconds; at most as long as samples are kept, and undefined
   * without any.
   */
  lagMs(replayed: number, now: number): number | undefined {
    const newest = this.samples.at(-1);
    if (!newest) return undefined;
    if (newest.flushed <= replayed) return Math.max(0, now - newest.askedAt - PERIOD_MS);
    const missing = this.samples.findLastIndex(({ flushed }) => flushed <= replayed);
    return now - (this.samples[Math.max(missing, 0)]?.askedAt ?? now);
  }
}

import type { Sourced } from './source.js';

/** One load under way, which everybody who asks for its key meanwhile joins. */
export class Flight {
  /** Milliseconds since the epoch. */
  readonly startedAt = Date.now();
  result: Promise<Sourced<unknown>>;
  private dead = false;

  constructor(
    readonly key: string,
    readonly tags: readonly string[],
  ) {}

  /** What it brings may be old already: somebody invalidated one of its tags after it began. */
  get isDead(): boolean {
    return this.dead;
  }

  /** Nobody joins it any more, and nothing keeps its result. */
  kill(): void {
    this.dead = true;
  }
}

/** The loads of this process, by key. */
export class Flights {
  private readonly byKey = new Map<string, Flight>();

  find(key: string): Flight | undefined {
    return this.byKey.get(key);
  }

  /** @param fly begins at once; the flight is over when it is. */
  begin(flight: Flight, fly: (flight: Flight) => Promise<Sourced<unknown>>): Flight {
    this.byKey.set(flight.key, flight);
    flight.result = fly(flight).finally(() => {
      if (this.byKey.get(flight.key) === flight) this.byKey.delete(flight.key);
    });
    return flight;
  }

  /** @param concerns tells by the tags of a flight whether what it brings is old. */
  kill(concerns: (tags: readonly string[]) => boolean): void {
    for (const [key, flight] of this.byKey) {
      if (!concerns(flight.tags)) continue;
      flight.kill();
      this.byKey.delete(key);
    }
  }
}

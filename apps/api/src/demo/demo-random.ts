/** Numbers that look random and are the same for the same seed: mulberry32, a public-domain generator. */
export class DemoRandom {
  constructor(private state: number) {}

  /** From 0 to 1, without 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `min` to `max`. */
  between(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** One of the list, the first ones more often: most trade is in few things. */
  skewed<T>(list: readonly T[]): T {
    return this.at(list, Math.floor(this.next() ** 2 * list.length));
  }

  pick<T>(list: readonly T[]): T {
    return this.at(list, this.between(0, list.length - 1));
  }

  private at<T>(list: readonly T[], index: number): T {
    const found = list[index];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  }
}

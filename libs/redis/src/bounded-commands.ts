import { Deadline } from './deadline.js';

/** The commands under way: each ends within its time, and all of them at once when they are given up. */
export class BoundedCommands {
  private readonly running = new Set<Deadline>();

  /**
   * @param ms time of each.
   * @param judge makes of an error what the caller hears. `tooLate` hears of the first that ends without an answer.
   */
  constructor(
    private readonly ms: number,
    private readonly on: { readonly judge: (error: unknown) => Error; readonly tooLate: () => void },
  ) {}

  run<T>(answer: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const deadline = new Deadline(this.ms, reject, this.on.tooLate);
      this.running.add(deadline);
      answer.then(
        (value) => {
          if (this.settle(deadline)) resolve(value);
        },
        (error: unknown) => {
          if (this.settle(deadline)) reject(this.on.judge(error));
        },
      );
    });
  }

  giveUp(reason: Error): void {
    for (const deadline of this.running) deadline.giveUp(reason);
    this.running.clear();
  }

  /** @returns false when the caller has been told already. */
  private settle(deadline: Deadline): boolean {
    this.running.delete(deadline);
    return deadline.met();
  }
}

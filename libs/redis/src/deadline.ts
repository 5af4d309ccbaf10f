/** The part of the time that is left when the first timer has fired. */
const LAST_SLICE = 0.2;

/**
 * Ends a wait after a time in which the event loop was free.
 *
 * A loop that was blocked fires the timer late, and then nothing is proved: the question may not even have been sent. So
 * the time is taken in two slices, and a blocked loop uses up one of them. Besides, what has arrived is read before the
 * verdict (the poll phase comes between timers and immediates).
 */
export class Deadline {
  private isOver = false;
  private timer: NodeJS.Timeout;

  /**
   * @param fail ends the wait.
   * @param tooLate hears when nothing had come in time; it calls {@link giveUp}.
   */
  constructor(
    ms: number,
    private readonly fail: (reason: Error) => void,
    private readonly tooLate: () => void,
  ) {
    this.timer = setTimeout(
      () => {
        this.timer = setTimeout(() => this.judge(), ms * LAST_SLICE);
      },
      ms * (1 - LAST_SLICE),
    );
  }

  /** The answer is there. @returns false when it comes too late. */
  met(): boolean {
    if (this.isOver) return false;
    this.end();
    return true;
  }

  giveUp(reason: Error): void {
    if (this.isOver) return;
    this.end();
    this.fail(reason);
  }

  private judge(): void {
    setImmediate(() => {
      if (!this.isOver) this.tooLate();
    });
  }

  private end(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }
}

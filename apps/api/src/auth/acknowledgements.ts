interface Waiting {
  received: number;
  /** Looks whether enough has come; undefined until somebody waits. */
  check?: () => void;
}

/** Notices of transactions that rolled back are never waited for: the oldest are forgotten. */
const MAX_WAITING = 10_000;

/** Counts the answers to numbered notices. An answer that comes before anyone waits is counted too. */
export class Acknowledgements {
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;

  /** @returns the number of the next notice. */
  begin(): number {
    this.last += 1;
    this.waiting.delete(this.last - MAX_WAITING);
    this.waiting.set(this.last, { received: 0 });
    return this.last;
  }

  /** @param payload `{ "to": instance, "number": n }` */
  hear(payload: string, instance: string): void {
    const { to, number }: { to: string; number: number } = JSON.parse(payload); // only instances write to this channel
    const waiting = to === instance ? this.waiting.get(number) : undefined;
    if (!waiting) return;
    waiting.received += 1;
    waiting.check?.();
  }

  /** @returns true when `expected` answers have come, false after the timeout (in milliseconds). */
  async wait(number: number, expected: number, timeoutMs: number): Promise<boolean> {
    const waiting = this.waiting.get(number);
    if (!waiting) return false;
    let timer: NodeJS.Timeout | undefined;
    const complete = await new Promise<boolean>((resolve) => {
      waiting.check = () => {
        if (waiting.received >= expected) resolve(true);
      };
      timer = setTimeout(() => resolve(false), timeoutMs);
      waiting.check();
    });
    clearTimeout(timer);
    this.waiting.delete(number);
    return complete;
  }
}

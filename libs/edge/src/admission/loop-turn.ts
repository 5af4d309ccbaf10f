/** A turn of the event loop that takes longer makes those wait who arrive meanwhile. */
const LONG_MS = 100;
/** In turns of this length nobody waits long, and a refusal is quick. */
const SHORT_MS = 8;
/** After a long turn all are kept short, and longer each time that it happens again. */
const STRICT_MS = 1_000;
const STRICT_MAX_MS = 8_000;

/**
 * Whether the current turn of the event loop may take on more. Work that is done at once, as answers from memory are, never
 * waits for anything: a backlog of it shows as a turn that does not end, and in nothing else.
 */
export class LoopTurn {
  private startedAt = -1;
  private strictUntil = -Infinity;
  private strictMs = STRICT_MS;

  constructor(
    private readonly now: () => number = () => performance.now(),
    private readonly atTurnEnd: (work: () => void) => void = setImmediate,
  ) {}

  /** Call it for each request, before it is begun. */
  allows(): boolean {
    const now = this.now();
    if (this.startedAt < 0) {
      this.startedAt = now;
      this.atTurnEnd(() => (this.startedAt = -1)); // when all sockets have been read
      return true;
    }
    const age = now - this.startedAt;
    if (age >= LONG_MS) this.beStrict(now);
    return age < (now < this.strictUntil ? SHORT_MS : LONG_MS);
  }

  private beStrict(now: number): void {
    if (now < this.strictUntil) return;
    const isAgain = now - this.strictUntil < STRICT_MAX_MS;
    this.strictMs = isAgain ? Math.min(this.strictMs * 2, STRICT_MAX_MS) : STRICT_MS;
    this.strictUntil = now + this.strictMs;
  }
}

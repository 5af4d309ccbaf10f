/**
 * A turn of the event loop that takes longer makes those wait who arrive meanwhile: if that many have come in it. Fewer
 * have not made it long: the process was not running, which is no reason to refuse anybody.
 */
const LONG = { ms: 100, requests: 64 };
/** In turns of this length nobody waits long, and a refusal is quick. */
const SHORT = { ms: 8, requests: 8 };
/** After a long turn all are kept short, and longer each time that it happens again. */
const STRICT_MS = 1_000;
const STRICT_MAX_MS = 8_000;

/**
 * Whether the current turn of the event loop may take on more. Work that is done at once, as answers from memory are, never
 * waits for anything: a backlog of it shows as a turn that does not end, and in nothing else.
 */
export class LoopTurn {
  private startedAt = -1;
  private requests = 0;
  private strictUntil = -Infinity;
  private strictMs = STRICT_MS;

  constructor(
    private readonly now: () => number = () => performance.now(),
    private readonly atTurnEnd: (work: () => void) => void = setImmediate,
  ) {}

  /** Call it for each request, before it is begun. */
  allows(): boolean {
    const now = this.now();
    if (this.startedAt < 0) this.begin(now);
    this.requests += 1;
    const age = now - this.startedAt;
    if (age >= LONG.ms && this.requests > LONG.requests) this.beStrict(now);
    const { ms, requests } = now < this.strictUntil ? SHORT : LONG;
    return age < ms || this.requests <= requests;
  }

  private begin(now: number): void {
    this.startedAt = now;
    this.requests = 0;
    this.atTurnEnd(() => (this.startedAt = -1)); // when all sockets have been read
  }

  private beStrict(now: number): void {
    if (now < this.strictUntil) return;
    const isAgain = now - this.strictUntil < STRICT_MAX_MS;
    this.strictMs = isAgain ? Math.min(this.strictMs * 2, STRICT_MAX_MS) : STRICT_MS;
    this.strictUntil = now + this.strictMs;
  }
}

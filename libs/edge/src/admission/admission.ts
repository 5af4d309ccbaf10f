import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { AppLogger, onHead } from '@app/logging';
import { shed, watched } from './admission.metrics.js';
import { ConcurrencyLimit } from './concurrency-limit.js';
import { LoopTurn } from './loop-turn.js';
import { refuse } from './refuse.js';

const LIMIT = { min: 24, start: 192, max: 4_096, targetMs: 150 };
/** Refusals are too many for a line each. */
const REPORT_EVERY_MS = 1_000;

export interface AdmissionOptions {
  /** Paths that are always answered: whoever asks how it goes must learn it now. */
  readonly exempt: RegExp;
  /** Hears of each request that was sent away, which nothing else sees. */
  readonly refused: (request: IncomingMessage) => void;
}

/**
 * Lets in as many requests as can be answered in time, and sends the others away at once, before they cost anything: a
 * server that takes on everything answers nobody.
 *
 * A request is under way from when all of it is here until the head of its answer is written. So neither slow callers nor
 * streams take the place of others.
 */
export class Admission {
  private readonly log = new AppLogger(Admission.name);
  private readonly concurrency = new ConcurrencyLimit(LIMIT);
  private readonly turn = new LoopTurn();
  /** Requests under way. */
  running = 0;
  private refused = 0;

  constructor(private readonly options: AdmissionOptions) {
    watched.admission = this;
    for (const reason of ['concurrency', 'event_loop']) shed.inc({ reason }, 0);
  }

  /** How many may be. */
  get limit(): number {
    return this.concurrency.value;
  }

  /** @param next gets the requests that are let in. */
  before(next: RequestListener): RequestListener {
    return (request, response) => {
      if (this.options.exempt.test(request.url ?? '')) return next(request, response);
      const reason = this.reasonAgainst();
      if (reason !== undefined) return this.sendAway(reason, request, response);
      this.follow(request, response);
      next(request, response);
    };
  }

  private reasonAgainst(): 'event_loop' | 'concurrency' | undefined {
    if (!this.turn.allows()) return 'event_loop';
    return this.running >= this.limit ? 'concurrency' : undefined;
  }

  private follow(request: IncomingMessage, response: ServerResponse): void {
    let startedAt = performance.now();
    let isCounted = true;
    this.running += 1;
    const settle = (isAnswered: boolean): void => {
      if (!isCounted) return;
      isCounted = false;
      if (isAnswered) this.answered(startedAt);
      this.running -= 1;
    };
    if (hasBody(request)) {
      process.nextTick(() => {
        if (request.complete) return; // it came in one piece with the head
        settle(false);
        request.once('end', () => {
          if (response.headersSent || response.destroyed) return;
          [startedAt, isCounted] = [performance.now(), true];
          this.running += 1;
        });
      });
    }
    onHead(response, () => settle(true));
    response.once('close', () => settle(false));
  }

  private answered(startedAt: number): void {
    const now = performance.now();
    this.concurrency.observe(now - startedAt, this.running, now);
  }

  private sendAway(reason: string, request: IncomingMessage, response: ServerResponse): void {
    shed.inc({ reason });
    if (this.refused === 0) setTimeout(() => this.report(), REPORT_EVERY_MS).unref();
    this.refused += 1;
    this.options.refused(request);
    refuse(request, response);
  }

  private report(): void {
    this.log.warn('overloaded: requests refused', {
      refused: this.refused,
      running: this.running,
      limit: this.limit,
    });
    this.refused = 0;
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

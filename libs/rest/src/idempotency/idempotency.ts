import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Transaction } from '@app/database';
import { Counter } from 'prom-client';
import { DataSource, type EntityManager } from 'typeorm';
import { RestOptions } from '../rest-options.js';
import type { Representation } from '../representation.js';
import { InProgressError, KeyReusedError } from './idempotency.errors.js';
import type { KeyedRequest } from './keyed-request.js';

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly representation: Representation;
}

export interface Outcome extends Answer {
  /** The answer is that of an earlier request with the same key. */
  readonly isReplay: boolean;
}

/** An answer, and the names of what the effect has changed. */
interface KeptAnswer extends Answer {
  readonly changes: readonly string[];
}

/** What is kept of a request. */
interface Sealed {
  readonly scope: string;
  readonly key: string;
  readonly lock: string;
  /** Of the body, by each key; the first is written. */
  readonly seals: readonly string[];
}

interface Kept {
  readonly fingerprint: string;
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly body: string | null;
  readonly changes: readonly string[];
}

const LOCK = 'SELECT pg_try_advisory_xact_lock($1) AS "isFree"';

const FIND = `
  SELECT fingerprint, status, headers, body, changes FROM idempotency_keys
  WHERE scope = $1 AND key = $2 AND created_at > now() - interval '24 hours'`;

/** Over one that has expired. Of one that has not, nothing is written, and nothing returned. */
const KEEP = `
  INSERT INTO idempotency_keys AS kept (scope, key, fingerprint, status, headers, body, changes)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (scope, key) DO UPDATE
  SET fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers, body = excluded.body,
      changes = excluded.changes, created_at = excluded.created_at
  WHERE kept.created_at <= now() - interval '24 hours'
  RETURNING key`;

const requests = new Counter({
  name: 'plinth_idempotent_requests_total',
  help: 'Requests with an idempotency key: executed, replayed, in_progress (409) or reused for another body (422).',
  labelNames: ['outcome'],
});

/** Does what a key stands for at most once, and repeats the answer (IETF draft-ietf-httpapi-idempotency-key-header). */
@Injectable()
export class Idempotency {
  constructor(
    private readonly transaction: Transaction,
    private readonly options: RestOptions,
    private readonly dataSource: DataSource,
  ) {}

  /**
   * The effect and its key commit together: what fails, or is cut off, leaves the key free.
   *
   * @param work takes part in the transaction that runs, and goes to the database through nothing else: a second
   *   connection taken inside would let requests wait for each other until the pool gives up.
   * @throws InProgressError 409 while another request with the key runs; KeyReusedError 422 for another body; what `work` throws.
   */
  async run(request: KeyedRequest, work: () => Promise<Answer>): Promise<Outcome> {
    const outcome = await this.transaction.run(async (manager) => {
      const kept = await claim(this.seal(request), manager);
      if (kept) return this.repeat(kept);
      const { status, representation } = await work();
      await keep(this.seal(request), manager, { status, representation, changes: this.transaction.changes });
      return { status, representation, isReplay: false };
    });
    requests.inc({ outcome: outcome.isReplay ? 'replayed' : 'executed' });
    return outcome;
  }

  /** A plain hash of the body would let whoever reads the table guess the password in it. */
  private seal(request: KeyedRequest): Sealed {
    const { scope, key, lock, fingerprint } = request;
    const seals = this.options.fingerprintKeys.map((secret) =>
      createHmac('sha256', secret).update(fingerprint).digest('base64url'),
    );
    return { scope, key, lock, seals };
  }

  /** What the first request changed is named again: it may have been cut off between its commit and the message. */
  private async repeat({ status, representation, changes }: KeptAnswer): Promise<Outcome> {
    await this.transaction.changed(...changes);
    return { status, representation, isReplay: true };
  }

  /** @throws KeyReusedError 422 when the key of a batch was used up by another body. */
  async refuseReused(request: KeyedRequest): Promise<void> {
    await find(this.seal(request), this.dataSource.manager);
  }

  /**
   * Uses up the key of a batch, with the transaction that runs: whose entry commits, commits this.
   *
   * @throws KeyReusedError 422 when it was used up by another body.
   */
  async use(request: KeyedRequest): Promise<void> {
    await this.transaction.run(async (manager) => {
      if (!(await keep(this.seal(request), manager))) await find(this.seal(request), manager);
    });
  }
}

/** @returns the answer that is kept; undefined when the work is the caller's to do, and nobody else's until he commits. */
async function claim(request: Sealed, manager: EntityManager): Promise<KeptAnswer | undefined> {
  const [lock] = await manager.query<{ isFree: boolean }[]>(LOCK, [request.lock]);
  // A statement of its own: that of the lock began before it got it, and would not see what was committed in between.
  const kept = await find(request, manager);
  if (kept && kept.status !== null) {
    const representation = { body: kept.body ?? '', headers: kept.headers ?? {} };
    return { status: kept.status, representation, changes: kept.changes };
  }
  if (lock?.isFree) return undefined;
  requests.inc({ outcome: 'in_progress' });
  throw new InProgressError();
}

async function find({ scope, key, seals }: Sealed, manager: EntityManager): Promise<Kept | undefined> {
  const [kept] = await manager.query<Kept[]>(FIND, [scope, key]);
  if (!kept || seals.includes(kept.fingerprint)) return kept;
  requests.inc({ outcome: 'reused' });
  throw new KeyReusedError();
}

/** @returns false when the key is used up already. */
async function keep(
  { scope, key, seals: [fingerprint] }: Sealed,
  manager: EntityManager,
  answer?: KeptAnswer,
): Promise<boolean> {
  const { status = null, representation, changes = [] } = answer ?? {};
  const headers = representation ? JSON.stringify(representation.headers) : null;
  const row = [scope, key, fingerprint, status, headers, representation?.body ?? null, changes];
  const rows = await manager.query<object[]>(KEEP, row);
  return rows.length > 0;
}

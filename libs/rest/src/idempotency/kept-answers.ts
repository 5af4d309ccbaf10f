import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { etagOf } from '../etag.js';

/** What is told of a kept answer: nothing of its content. */
export interface KeptKey {
  readonly key: string;
  readonly status: number | null;
  readonly createdAt: Date;
}

interface Kept {
  readonly scope: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** These look at every key, which are those of a day; they are asked seldom. */
const LIST = `
  SELECT key, status, created_at AS "createdAt" FROM idempotency_keys WHERE changes && $1::text[] ORDER BY created_at, key`;

const FORGET = 'DELETE FROM idempotency_keys WHERE changes && $1::text[]';

const READ = `
  SELECT scope, key, headers, body FROM idempotency_keys
  WHERE changes && $1::text[] AND body IS NOT NULL ORDER BY scope, key FOR UPDATE`;

const WRITE = 'UPDATE idempotency_keys SET headers = $3, body = $4 WHERE scope = $1 AND key = $2';

/** The answers that are kept for repetitions, by what their requests have changed. */
@Injectable()
export class KeptAnswers {
  /** @param names things as `Transaction.changed` names them; answers to changes of any of these. */
  async list(names: readonly string[], manager: EntityManager): Promise<KeptKey[]> {
    return manager.query<KeptKey[]>(LIST, [names]);
  }

  /** The keys are free again: for what nobody will repeat, or what does no harm when it is repeated. */
  async forget(names: readonly string[], manager: EntityManager): Promise<void> {
    await manager.query(FORGET, [names]);
  }

  /** The keys stay used up; repetitions get the changed body. @param change gets the JSON of the answer. */
  async rewrite(
    names: readonly string[],
    change: (body: Readonly<Record<string, unknown>>) => object,
    manager: EntityManager,
  ): Promise<void> {
    for (const { scope, key, headers, body } of await manager.query<Kept[]>(READ, [names])) {
      if (body === '') continue;
      const answer: Readonly<Record<string, unknown>> = JSON.parse(body);
      const changed = JSON.stringify(change(answer));
      if (changed === body) continue;
      const renewed = { ...headers, ...(headers['ETag'] !== undefined && { ETag: etagOf(changed) }) };
      await manager.query(WRITE, [scope, key, JSON.stringify(renewed), changed]);
    }
  }
}

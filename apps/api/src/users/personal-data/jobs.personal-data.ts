import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type Person, PersonalData } from './personal-data.js';

const LIST = `
  SELECT id, type, status, created_at AS "createdAt", started_at AS "startedAt", finished_at AS "finishedAt" FROM jobs
  WHERE created_by = $1 OR (type LIKE 'users.%' AND payload->>'userId' = $1::text)
  ORDER BY created_at DESC, id DESC`;

/** One that still runs is cancelled: it has read what is being erased, and would keep it as its result. */
const FORGET_EXPORTS = `
  UPDATE jobs SET result = NULL, partial = NULL, revision = revision + 1, finished_at = coalesce(finished_at, now()),
    status = CASE WHEN status IN ('queued', 'running') THEN 'cancelled' ELSE status END
  WHERE type = 'users.export' AND payload->>'userId' = $1`;

/** Work that somebody asked for, or that is about him. What it read and made of others is not his. */
@Injectable()
export class JobsPersonalData extends PersonalData {
  readonly section = 'jobs';

  collect({ id }: Person, manager: EntityManager): Promise<unknown> {
    return manager.query(LIST, [id]);
  }

  async erase({ id }: Person, manager: EntityManager): Promise<void> {
    await manager.query(FORGET_EXPORTS, [id]);
  }
}

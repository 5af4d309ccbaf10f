import { Injectable } from '@nestjs/common';
import { newId } from '@app/database';
import { currentContext } from '@app/logging';
import type { EntityManager } from 'typeorm';
import { AUDIT_ACTIONS, type AuditAction } from './audit-actions.js';
import { AuditRecord } from './audit-record.entity.js';

type Fact = string | number | boolean | null | readonly string[];

/** One thing that was done. */
export interface AuditEntry {
  readonly action: AuditAction;
  /** Null when it happened to something that does not exist. */
  readonly subjectId: string | null;
  /**
   * Amounts, currencies, states, roles, ids. Nothing here is ever erased, so no name, no address, no free text, no secret.
   */
  readonly changes?: Readonly<Record<string, Fact | { readonly from: Fact; readonly to: Fact }>>;
  /** Who did it, where that is not who is signed in to the request; null for nobody. */
  readonly actorId?: string | null;
}

/** The time is that of the statement: rows that waited for a lock are in the order in which they got it. */
const APPEND = `
  INSERT INTO audit_log (id, at, actor_id, action, subject_type, subject_id, request_id, changes)
  SELECT id, statement_timestamp(), actor_id, action, subject_type, subject_id, $6, changes::jsonb
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $7::text[])
    AS given (id, actor_id, action, subject_type, subject_id, changes)`;

/** Who did what to which record, from which request. */
@Injectable()
export class AuditLog {
  /** One statement for any number of entries, in the transaction of what they tell of: both commit, or neither. */
  async record(manager: EntityManager, ...entries: readonly AuditEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const context = currentContext();
    await manager.query(APPEND, [
      entries.map(() => newId()),
      entries.map(({ actorId = context?.userId ?? null }) => actorId),
      entries.map(({ action }) => action),
      entries.map(({ action }) => AUDIT_ACTIONS[action]),
      entries.map(({ subjectId }) => subjectId),
      context?.requestId ?? null,
      entries.map(({ changes = {} }) => JSON.stringify(changes)),
    ]);
  }

  /** What a person has done, and what was done to his account; newest first. */
  ofPerson(userId: string, manager: EntityManager): Promise<AuditRecord[]> {
    return manager.find(AuditRecord, {
      where: [{ actorId: userId }, { subjectId: userId }],
      order: { at: 'DESC', id: 'DESC' },
    });
  }
}

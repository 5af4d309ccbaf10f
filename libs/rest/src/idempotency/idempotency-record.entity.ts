import { Check, Column, CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * An idempotency key that is used up, and the answer that repetitions get. Written in the transaction of the effect, so
 * that there is never one without the other. Without an answer it stands for a batch, whose entries have theirs.
 */
@Entity('idempotency_keys')
@Index('idempotency_keys_created_at_idx', ['createdAt'])
@Check('idempotency_keys_answer_check', '(status IS NULL) = (headers IS NULL) AND (status IS NULL) = (body IS NULL)')
export class IdempotencyRecord {
  /** Hash of caller, method and path. */
  @PrimaryColumn('text')
  scope: string;

  /** As the caller gave it; that of an entry of a batch has `:<index>` after it. */
  @PrimaryColumn('text')
  key: string;

  /** HMAC of the canonical body. */
  @Column('text')
  fingerprint: string;

  @Column('smallint', { nullable: true })
  status: number | null;

  @Column('jsonb', { nullable: true })
  headers: Readonly<Record<string, string>> | null;

  @Column('text', { nullable: true })
  body: string | null;

  /** What the effect has changed: its process may have ended before it could tell. */
  @Column('text', { array: true, default: [] })
  changes: readonly string[];

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz', precision: 3 })
  createdAt: Date;
}

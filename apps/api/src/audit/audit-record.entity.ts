import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { AuditAction, AuditSubjectType } from './audit-actions.js';

/** Something that somebody did. Rows are only ever added: PostgreSQL refuses all else. */
@Entity('audit_log')
@Index('audit_log_at_id_idx', ['at', 'id'])
@Index('audit_log_actor_id_at_id_idx', ['actorId', 'at', 'id'])
@Index('audit_log_action_at_id_idx', ['action', 'at', 'id'])
@Index('audit_log_subject_type_at_id_idx', ['subjectType', 'at', 'id'])
@Index('audit_log_subject_id_at_id_idx', ['subjectId', 'at', 'id'])
@Index('audit_log_request_id_at_id_idx', ['requestId', 'at', 'id'])
@Check('audit_log_action_check', `action ~ '^[a-z_]+[.][a-z_]+$'`)
@Check('audit_log_changes_check', `jsonb_typeof(changes) = 'object'`)
export class AuditRecord {
  /** UUIDv7. */
  @PrimaryColumn('uuid')
  id: string;

  @Column({ type: 'timestamptz', precision: 3 })
  at: Date;

  /** Null for nobody, and for the application itself. */
  @Column('uuid', { name: 'actor_id', nullable: true })
  actorId: string | null;

  @Column('text')
  action: AuditAction;

  @Column('text', { name: 'subject_type' })
  subjectType: AuditSubjectType;

  /** Null when it happened to something that does not exist. */
  @Column('uuid', { name: 'subject_id', nullable: true })
  subjectId: string | null;

  /** Null outside of requests, jobs and commands. */
  @Column('text', { name: 'request_id', nullable: true })
  requestId: string | null;

  @Column('jsonb')
  changes: Readonly<Record<string, unknown>>;
}

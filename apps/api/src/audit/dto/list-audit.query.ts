import { IdField, InstantField, OneOfField, PageQuery, TextField } from '@app/rest';
import { AUDIT_ACTIONS, AUDIT_SUBJECT_TYPES, type AuditAction, type AuditSubjectType } from '../audit-actions.js';

export class ListAuditQuery extends PageQuery {
  @IdField({ description: 'Done by this user.', example: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a10', optional: true })
  readonly actorId?: string;

  @OneOfField({
    description: 'This was done.',
    values: Object.keys(AUDIT_ACTIONS),
    example: 'order.payment',
    enumName: 'AuditAction',
    optional: true,
  })
  readonly action?: AuditAction;

  @OneOfField({
    description: 'Done to a thing of this kind.',
    values: AUDIT_SUBJECT_TYPES,
    example: 'order',
    enumName: 'AuditSubjectType',
    optional: true,
  })
  readonly subjectType?: AuditSubjectType;

  @IdField({ description: 'Done to this thing.', example: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11', optional: true })
  readonly subjectId?: string;

  @TextField({
    description: 'Done by this request, or by the job that it asked for.',
    example: '4bf92f3577b34da6a3ce929d0e0e4736',
    max: 128,
    optional: true,
  })
  readonly requestId?: string;

  @InstantField({ description: 'Done at or after.', example: '2026-01-01T00:00:00Z', optional: true })
  readonly after?: Date;

  @InstantField({ description: 'Done before.', example: '2026-02-01T00:00:00Z', optional: true })
  readonly before?: Date;
}

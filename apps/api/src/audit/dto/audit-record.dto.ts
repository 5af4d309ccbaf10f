import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { AUDIT_ACTIONS, AUDIT_SUBJECT_TYPES, type AuditAction, type AuditSubjectType } from '../audit-actions.js';
import type { AuditRecord } from '../audit-record.entity.js';

@ApiSchema({ name: 'AuditRecord', description: 'Something that somebody did.' })
export class AuditRecordDto {
  @ApiProperty({ description: 'Id of the record.', example: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a14', format: 'uuid' })
  readonly id: string;

  @ApiProperty({ description: 'When it was done.', example: '2026-01-31T12:00:00.000Z', format: 'date-time' })
  readonly at: Date;

  @ApiProperty({
    description: 'The user who did it; null for nobody, and for the application itself.',
    example: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a10',
    type: String,
    format: 'uuid',
    nullable: true,
  })
  readonly actorId: string | null;

  @ApiProperty({
    description: 'What was done.',
    example: 'order.payment',
    enum: Object.keys(AUDIT_ACTIONS),
    enumName: 'AuditAction',
  })
  readonly action: AuditAction;

  @ApiProperty({
    description: 'The kind of thing that it was done to.',
    example: 'order',
    enum: AUDIT_SUBJECT_TYPES,
    enumName: 'AuditSubjectType',
  })
  readonly subjectType: AuditSubjectType;

  @ApiProperty({
    description: 'The thing; null when there is none, as of a sign-in to an account that does not exist.',
    example: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11',
    type: String,
    format: 'uuid',
    nullable: true,
  })
  readonly subjectId: string | null;

  @ApiProperty({
    description: 'The request that it was part of, or that asked for the job; null for the application itself.',
    example: '4bf92f3577b34da6a3ce929d0e0e4736',
    type: String,
    nullable: true,
  })
  readonly requestId: string | null;

  @ApiProperty({
    description: 'What it came to: amounts, states, roles, ids. Of what was replaced, `from` and `to`.',
    example: { amountCents: 1580, currency: 'USD', status: { from: 'pending', to: 'paid' } },
    type: 'object',
    additionalProperties: true,
  })
  readonly changes: Readonly<Record<string, unknown>>;

  static from(record: AuditRecord): AuditRecordDto {
    const { id, at, actorId, action, subjectType, subjectId, requestId, changes } = record;
    return { id, at, actorId, action, subjectType, subjectId, requestId, changes };
  }
}

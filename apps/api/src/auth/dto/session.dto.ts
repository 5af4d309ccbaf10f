import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { Session } from '../session.entity.js';

@ApiSchema({ name: 'Session', description: 'One sign-in, with the tokens that came from it.' })
export class SessionDto {
  @ApiProperty({ description: 'Id of the session.', example: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11', format: 'uuid' })
  readonly id: string;

  @ApiProperty({ description: 'When the user signed in.', example: '2026-01-31T12:00:00.000Z', format: 'date-time' })
  readonly createdAt: Date;

  @ApiProperty({
    description: 'When tokens were last issued.',
    example: '2026-01-31T12:30:00.000Z',
    format: 'date-time',
  })
  readonly lastUsedAt: Date;

  @ApiProperty({
    description: 'When it ends unless it is used.',
    example: '2026-03-02T12:30:00.000Z',
    format: 'date-time',
  })
  readonly expiresAt: Date;

  @ApiProperty({ description: '`User-Agent` of the sign-in.', example: 'curl/8.5.0', type: String, nullable: true })
  readonly userAgent: string | null;

  @ApiProperty({ description: 'Address of the sign-in.', example: '192.0.2.10', type: String, nullable: true })
  readonly ip: string | null;

  @ApiProperty({ description: 'Whether this request belongs to it.', example: true })
  readonly current: boolean;

  static from(session: Session, currentId: string): SessionDto {
    const { id, createdAt, lastUsedAt, expiresAt, userAgent, ip } = session;
    return { id, createdAt, lastUsedAt, expiresAt, userAgent, ip, current: id === currentId };
  }
}

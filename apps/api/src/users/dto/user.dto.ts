import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { ROLES, type Role } from '../user.js';
import type { User } from '../user.entity.js';

@ApiSchema({ name: 'User', description: 'Somebody who can sign in.' })
export class UserDto {
  @ApiProperty({ description: 'Id of the user.', example: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11', format: 'uuid' })
  readonly id: string;

  @ApiProperty({ description: 'Name, as it is shown.', example: 'Ada Lovelace' })
  readonly name: string;

  @ApiProperty({ description: 'Email address, as it was written.', example: 'ada@example.com', format: 'email' })
  readonly email: string;

  @ApiProperty({ description: 'Age in years.', example: 36, type: 'integer', nullable: true })
  readonly age: number | null;

  @ApiProperty({
    description: 'Roles; `customer` is always among them.',
    example: ['customer'],
    enum: [...ROLES],
    isArray: true,
    enumName: 'Role',
  })
  readonly roles: readonly Role[];

  @ApiProperty({ description: 'A disabled user cannot sign in.', example: false })
  readonly disabled: boolean;

  @ApiProperty({ description: 'When the user registered.', example: '2026-01-31T12:00:00.000Z', format: 'date-time' })
  readonly createdAt: Date;

  @ApiProperty({ description: 'When the user last changed.', example: '2026-01-31T12:00:00.000Z', format: 'date-time' })
  readonly updatedAt: Date;

  @ApiProperty({
    description: 'When the user was deleted.',
    example: null,
    type: String,
    format: 'date-time',
    nullable: true,
  })
  readonly deletedAt: Date | null;

  @ApiProperty({ description: 'Grows with each change.', example: 1, type: 'integer' })
  readonly version: number;

  static from(user: User): UserDto {
    const { id, name, email, age, roles, disabled, createdAt, updatedAt, deletedAt, version } = user;
    return { id, name, email, age, roles, disabled, createdAt, updatedAt, deletedAt, version };
  }
}

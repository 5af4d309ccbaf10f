import { EmailField, InstantField, OneOfField, PageQuery, TextField } from '@app/rest';
import { ROLES, type Role } from '../user.js';

export class ListUsersQuery extends PageQuery {
  @EmailField({
    description: 'The user with this email address, without regard to case.',
    example: 'ada@example.com',
    optional: true,
  })
  readonly email?: string;

  @TextField({
    description: 'Users whose name starts so, without regard to case.',
    example: 'Ada',
    max: 100,
    optional: true,
  })
  readonly name?: string;

  @OneOfField({
    description: 'Users with this role.',
    values: ROLES,
    example: 'analyst',
    enumName: 'Role',
    optional: true,
  })
  readonly role?: Role;

  @InstantField({ description: 'Registered at or after.', example: '2026-01-01T00:00:00Z', optional: true })
  readonly createdAfter?: Date;

  @InstantField({ description: 'Registered before.', example: '2026-02-01T00:00:00Z', optional: true })
  readonly createdBefore?: Date;

  @OneOfField({
    description: '`orders` adds count, revenue and the newest orders of each.',
    values: ['orders'],
    example: 'orders',
    optional: true,
  })
  readonly include?: 'orders';
}

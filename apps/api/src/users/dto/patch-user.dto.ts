import { ApiSchema } from '@nestjs/swagger';
import { BooleanField, EmailField, IntegerField, TextField } from '@app/rest';
import type { Role } from '../user.js';
import { RolesField } from './roles.field.js';

@ApiSchema({ name: 'PatchUser', description: 'JSON merge patch (RFC 7396): what is absent stays.' })
export class PatchUserDto {
  @TextField({ description: 'Name, as it is shown.', example: 'Ada King', max: 100, optional: true })
  readonly name?: string;

  @EmailField({
    description: 'Email address; unique without regard to case.',
    example: 'ada@example.com',
    optional: true,
  })
  readonly email?: string;

  @IntegerField({
    description: 'Age in years; null removes it.',
    example: 37,
    min: 0,
    max: 150,
    optional: true,
    nullable: true,
  })
  readonly age?: number | null;

  @RolesField({
    description: 'All roles (admins only); `customer` is kept in any case. Ends the sessions.',
    optional: true,
  })
  readonly roles?: readonly Role[];

  @BooleanField({
    description: 'Whether signing in is refused (admins only). Ends the sessions.',
    example: false,
    optional: true,
  })
  readonly disabled?: boolean;
}

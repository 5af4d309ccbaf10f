import { ApiSchema } from '@nestjs/swagger';
import { TextField } from '@app/rest';

@ApiSchema({ name: 'ChangePassword', description: 'The old password and the new one.' })
export class ChangePasswordDto {
  @TextField({
    description: 'The password until now.',
    example: 'correct horse battery',
    max: 128,
    format: 'password',
    verbatim: true,
  })
  readonly currentPassword: string;

  @TextField({
    description: 'The password from now on; not a common one, nor the name or the email address.',
    example: 'staple correct horse',
    min: 8,
    max: 128,
    format: 'password',
    verbatim: true,
  })
  readonly newPassword: string;
}

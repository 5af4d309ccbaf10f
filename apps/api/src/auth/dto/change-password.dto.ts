import { TextField } from '@app/rest';

export class ChangePasswordDto {
  @TextField({ description: 'The password until now.', example: 'correct horse battery', max: 128, format: 'password', verbatim: true })
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

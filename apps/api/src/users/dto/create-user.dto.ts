import { ApiSchema } from '@nestjs/swagger';
import { EmailField, IntegerField, TextField } from '@app/rest';

@ApiSchema({ name: 'CreateUser', description: 'A registration.' })
export class CreateUserDto {
  @TextField({ description: 'Name, as it is shown.', example: 'Ada Lovelace', max: 100 })
  readonly name: string;

  @EmailField({ description: 'Email address; unique without regard to case.', example: 'ada@example.com' })
  readonly email: string;

  @TextField({
    description: 'Password; not a common one, nor the name or the email address.',
    example: 'correct horse battery',
    min: 8,
    max: 128,
    format: 'password',
    verbatim: true,
  })
  readonly password: string;

  @IntegerField({ description: 'Age in years.', example: 36, min: 0, max: 150, optional: true, nullable: true })
  readonly age?: number | null;
}

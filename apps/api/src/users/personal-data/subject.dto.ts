import { ApiSchema } from '@nestjs/swagger';
import { IdField } from '@app/rest';
import { Transform } from 'class-transformer';

@ApiSchema({ name: 'Subject', description: 'The person whom a job is about.' })
export class SubjectDto {
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value))
  @IdField({ description: 'Id of the user.', example: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11' })
  readonly userId: string;
}

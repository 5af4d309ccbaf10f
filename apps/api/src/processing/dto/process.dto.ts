import { ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { rule, TextField } from '@app/rest';

const TYPE = { example: 'users.export', max: 64, pattern: /^[a-z]+(?:[._][a-z]+)*$/ };

@ApiSchema({ name: 'Process', description: 'Work to be done in the background.' })
export class ProcessDto {
  @TextField({ description: 'What is to be done.', ...TYPE })
  readonly type: string;

  @ApiPropertyOptional({
    description: 'What it is to be done with; its members depend on `type`.',
    example: { userId: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a10' },
    type: 'object',
    additionalProperties: true,
  })
  @rule('object', isObject, '$property must be an object')
  readonly data: object = {};
}

export class ProcessQuery {
  @TextField({
    description: 'What is to be done with a body of lines (`application/x-ndjson`); JSON says it in the body.',
    ...TYPE,
    example: 'orders.import',
    optional: true,
  })
  readonly type?: string;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { Problem } from '@app/problem';

@ApiSchema({ name: 'ProblemPage', description: 'What a problem code means.' })
export class ProblemPageDto implements Problem {
  @ApiProperty({ description: 'Stable code.', example: 'order.not_found' })
  readonly code: string;

  @ApiProperty({ description: 'HTTP status.', example: 404, type: 'integer' })
  readonly status: number;

  @ApiProperty({ description: 'Short text, the same each time.', example: 'No such order' })
  readonly title: string;

  @ApiProperty({
    description: 'When it happens, and what to do.',
    example: 'The order does not exist, or is not yours to see.',
  })
  readonly description: string;
}

@ApiSchema({ name: 'ProblemList', description: 'What each problem code means.' })
export class ProblemListDto {
  @ApiProperty({ description: 'Every code, ordered.', type: [ProblemPageDto] })
  readonly data: readonly ProblemPageDto[];
}

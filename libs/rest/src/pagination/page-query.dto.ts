import { ApiPropertyOptional } from '@nestjs/swagger';
import { Allow } from 'class-validator';
import { IntegerField } from '../fields/value.fields.js';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/** Query parameters of every list; a list with filters extends it. */
export class PageQuery {
  @IntegerField({
    description: 'Entries on a page.',
    example: DEFAULT_LIMIT,
    min: 1,
    max: MAX_LIMIT,
    default: DEFAULT_LIMIT,
    fromText: true,
    optional: true,
  })
  readonly limit: number = DEFAULT_LIMIT;

  // Whatever it is, it is for the codec to judge: every cursor that is not of this list is refused alike.
  @ApiPropertyOptional({
    description: '`page.nextCursor` of the page before, for the same list and filters. Opaque.',
    example: 'MTc2MzgwOTIwMDAwMDAxOTNhNWQ1',
    type: String,
    pattern: '^[A-Za-z0-9_-]+$',
  })
  @Allow()
  readonly cursor?: string;
}

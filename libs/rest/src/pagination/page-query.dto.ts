import { IntegerField } from '../fields/value.fields.js';
import { TextField } from '../fields/text.field.js';

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

  @TextField({
    description: '`page.nextCursor` of the page before, for the same list and filters. Opaque.',
    example: 'MTc2MzgwOTIwMDAwMDAxOTNhNWQ1',
    max: 300,
    optional: true,
  })
  readonly cursor?: string;
}

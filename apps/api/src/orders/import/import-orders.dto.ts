import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { EmailField, InstantField, rule, TextField } from '@app/rest';
import { ArrayMinSize, IsArray } from 'class-validator';
import { PlaceOrderDto } from '../dto/place-order.dto.js';

/** No control, format, or unassigned character, and no line break of any kind. */
const PRINTABLE = /^[^\p{C}\p{Zl}\p{Zp}]+$/u;
/** PostgreSQL has no year 0. */
const EARLIEST_MS = Date.parse('0001-01-01T00:00:00Z');

/** One row: a new order as `POST /orders` takes it, and whose it is. */
@ApiSchema({ name: 'ImportOrder', description: 'One order of an import.' })
export class ImportOrderDto extends PlaceOrderDto {
  @TextField({
    description: 'Id of the order where it comes from; a row with one that is known already imports nothing.',
    example: 'shop-2026-000042',
    max: 128,
    pattern: PRINTABLE,
  })
  readonly externalId: string;

  @EmailField({ description: 'Whose order it is; without regard to case.', example: 'ada@example.com' })
  readonly customerEmail: string;

  @rule('past', isPast, '$property must not lie in the future, nor before the year 1')
  @InstantField({
    description: 'When it was placed; now unless given.',
    example: '2026-01-31T12:00:00Z',
    optional: true,
    nullable: true,
  })
  readonly placedAt?: Date | null;
}

function isPast(value: unknown): boolean {
  return !(value instanceof Date) || (value.getTime() >= EARLIEST_MS && value.getTime() <= Date.now());
}

/** The rows are validated one by one by the job, so that a wrong one does not refuse the others. */
@ApiSchema({ name: 'ImportOrders', description: 'Orders to import.' })
export class ImportOrdersDto {
  @ApiProperty({ description: 'Each is imported, skipped or rejected by itself.', type: [ImportOrderDto], minItems: 1 })
  @IsArray({ message: '$property must be an array' })
  @ArrayMinSize(1, { message: '$property must have 1 entry or more' })
  readonly orders: readonly unknown[];
}

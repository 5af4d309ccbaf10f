import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { type FieldError, type ProblemDocument, RequestInvalidError } from '@app/problem';
import { OrderDto } from './order.dto.js';
import { PlaceOrderDto } from './place-order.dto.js';

const MAX_ORDERS = 100;

/** For the document: the entries are validated one by one, so that a wrong one does not refuse the others. */
@ApiSchema({ name: 'PlaceOrders', description: 'New orders.' })
export class PlaceOrdersDto {
  @ApiProperty({
    description: 'Each is placed, or refused, by itself.',
    type: [PlaceOrderDto],
    minItems: 1,
    maxItems: MAX_ORDERS,
  })
  readonly orders: readonly PlaceOrderDto[];
}

@ApiSchema({ name: 'BatchedOrder', description: 'What became of one order of a batch.' })
export class BatchedOrderDto {
  @ApiProperty({ description: 'Place in the request, from 0.', example: 0, type: 'integer', minimum: 0 })
  readonly index: number;

  @ApiProperty({ description: 'What `POST /orders` would have answered.', example: 201, type: 'integer' })
  readonly status: number;

  @ApiProperty({
    description: 'Path of the new order.',
    example: '/api/v1/orders/01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11',
    required: false,
  })
  readonly location?: string;

  /** Absent with `Prefer: return=minimal`. */
  @ApiProperty({ type: OrderDto, required: false })
  readonly order?: unknown;

  @ApiProperty({
    description: 'Why it was refused; pointers lead into the request.',
    allOf: [{ $ref: '#/components/schemas/Problem' }],
    example: {
      type: '/problems/request.invalid',
      title: 'Invalid input',
      status: 422,
      detail: 'quantity must be a whole number from 1 to 1000.',
      instance: '/api/v1/orders/batch',
      code: 'request.invalid',
      requestId: 'e9b7fca3-6f5c-4c52-a1b9-4a0b5f3f0f52',
      errors: [
        {
          pointer: '/orders/3/items/0/quantity',
          code: 'integer',
          detail: 'quantity must be a whole number from 1 to 1000.',
        },
      ],
    },
    required: false,
  })
  readonly problem?: ProblemDocument;
}

@ApiSchema({ name: 'BatchedOrders', description: 'What became of each order, in the order of the request.' })
export class BatchedOrdersDto {
  @ApiProperty({ description: 'One entry for each order.', type: [BatchedOrderDto] })
  readonly data: readonly BatchedOrderDto[];
}

/** The entries of a {@link PlaceOrdersDto}, as they were sent. @throws RequestInvalidError when it is none. */
export function ordersOf(body: unknown = {}): readonly unknown[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new RequestInvalidError([{ pointer: '', code: 'object', detail: 'The body must be a JSON object.' }]);
  }
  const orders: unknown = Object.hasOwn(body, 'orders') ? Reflect.get(body, 'orders') : undefined;
  const unknown = Object.keys(body).filter((name) => name !== 'orders');
  if (isBatch(orders) && unknown.length === 0) return orders;
  throw new RequestInvalidError([...unknown.map(unknownMember), ...(isBatch(orders) ? [] : [NO_BATCH])]);
}

function isBatch(orders: unknown): orders is readonly unknown[] {
  return Array.isArray(orders) && orders.length > 0 && orders.length <= MAX_ORDERS;
}

const NO_BATCH: FieldError = {
  pointer: '/orders',
  code: 'array',
  detail: `orders must be an array of 1 to ${MAX_ORDERS} entries.`,
};

function unknownMember(name: string): FieldError {
  const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return { pointer, code: 'unknown_property', detail: `${name} is not known here.` };
}

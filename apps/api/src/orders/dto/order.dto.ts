import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { Order } from '../order.entity.js';
import type { OrderItem } from '../order-item.entity.js';
import { ORDER_STATUSES, type OrderStatus } from '../order.js';

@ApiSchema({ name: 'OrderItem', description: 'One line of an order.' })
export class OrderItemDto {
  @ApiProperty({ description: 'Id of the item.', example: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a12', format: 'uuid' })
  readonly id: string;

  @ApiProperty({ description: 'Stock keeping unit.', example: 'TEA-GREEN-100' })
  readonly sku: string;

  @ApiProperty({ description: 'What it is called.', example: 'Green tea, 100 g' })
  readonly name: string;

  @ApiProperty({ description: 'How many.', example: 2, type: 'integer' })
  readonly quantity: number;

  @ApiProperty({ description: 'Price of one, in the minor unit.', example: 790, type: 'integer', format: 'int64' })
  readonly unitPriceCents: number;

  @ApiProperty({ description: 'Price of all, in the minor unit.', example: 1580, type: 'integer', format: 'int64' })
  readonly lineCents: number;

  static from({ id, sku, name, quantity, unitPriceCents, lineCents }: OrderItem): OrderItemDto {
    return { id, sku, name, quantity, unitPriceCents, lineCents };
  }
}

@ApiSchema({ name: 'Order', description: 'An order with its items.' })
export class OrderDto {
  @ApiProperty({ description: 'Id of the order.', example: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11', format: 'uuid' })
  readonly id: string;

  @ApiProperty({ description: 'Who ordered.', example: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a10', format: 'uuid' })
  readonly userId: string;

  @ApiProperty({
    description: 'State of the order.',
    example: 'pending',
    enum: [...ORDER_STATUSES],
    enumName: 'OrderStatus',
  })
  readonly status: OrderStatus;

  @ApiProperty({ description: 'ISO 4217 code.', example: 'USD' })
  readonly currency: string;

  @ApiProperty({ description: 'Sum of the lines, in the minor unit.', example: 1580, type: 'integer', format: 'int64' })
  readonly totalCents: number;

  @ApiProperty({ description: 'Sum of the payments.', example: 0, type: 'integer', format: 'int64' })
  readonly paidCents: number;

  @ApiProperty({ description: 'Sum of the refunds.', example: 0, type: 'integer', format: 'int64' })
  readonly refundedCents: number;

  @ApiProperty({ description: 'Free text.', example: 'Leave it with the neighbour.', type: String, nullable: true })
  readonly note: string | null;

  @ApiProperty({ description: 'What is ordered.', type: [OrderItemDto] })
  readonly items: readonly OrderItemDto[];

  @ApiProperty({ description: 'When it was placed.', example: '2026-01-31T12:00:00.000Z', format: 'date-time' })
  readonly placedAt: Date;

  @ApiProperty({ description: 'When it last changed.', example: '2026-01-31T12:00:00.000Z', format: 'date-time' })
  readonly updatedAt: Date;

  @ApiProperty({ description: 'Grows with each change.', example: 1, type: 'integer' })
  readonly version: number;

  static from(order: Order): OrderDto {
    const { id, userId, status, currency, totalCents, paidCents, refundedCents, note, placedAt, updatedAt, version } =
      order;
    const items = order.items.toSorted((a, b) => a.position - b.position).map((item) => OrderItemDto.from(item));
    return {
      id,
      userId,
      status,
      currency,
      totalCents,
      paidCents,
      refundedCents,
      note,
      items,
      placedAt,
      updatedAt,
      version,
    };
  }
}

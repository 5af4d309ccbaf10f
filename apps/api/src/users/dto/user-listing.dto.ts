import { ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import type { User } from '../user.entity.js';
import type { UserOrderSummary } from '../user-orders.js';
import { UserDto } from './user.dto.js';

/** A user in a list; with `include=orders`, what he ordered in short. */
@ApiSchema({ name: 'UserListing', description: 'A user in a list.' })
export class UserListingDto extends UserDto {
  @ApiPropertyOptional({ description: 'Orders in all, with `include=orders`.', example: 12, type: 'integer' })
  readonly ordersCount?: number;

  @ApiPropertyOptional({
    description: 'Payments minus refunds in minor units by currency, with `include=orders`.',
    example: { USD: 123456 },
    type: 'object',
    additionalProperties: { type: 'integer', format: 'int64' },
  })
  readonly revenue?: Readonly<Record<string, number>>;

  @ApiPropertyOptional({
    description: 'The three newest orders, with `include=orders`.',
    type: 'array',
    items: { $ref: '#/components/schemas/Order' },
  })
  readonly latestOrders?: readonly object[];

  static of(user: User, summary: UserOrderSummary | undefined): UserListingDto {
    return summary ? { ...UserDto.from(user), ...summary } : UserDto.from(user);
  }
}

import { SetMetadata } from '@nestjs/common';

export const RATE_LIMIT_WEIGHT = 'rate-limit:weight';

/**
 * How many requests of policy `default` one call of the route counts for; without it, 1.
 *
 * @param weight whole, from 1; more than the limit empties the budget.
 * @throws RangeError
 */
export function RateLimitWeight(weight: number): ClassDecorator & MethodDecorator {
  if (!Number.isInteger(weight) || weight < 1) throw new RangeError(`a route cannot weigh ${weight}`);
  return SetMetadata(RATE_LIMIT_WEIGHT, weight);
}

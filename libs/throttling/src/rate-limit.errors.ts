import { AppError, defineProblem } from '@app/problem';

export const RATE_LIMIT_EXCEEDED = defineProblem({
  code: 'rate_limit.exceeded',
  status: 429,
  title: 'Too many requests',
  description:
    'More requests came than the policy in `policy` allows in its window: `default` counts those of a user or, anonymous, ' +
    'of an address; `address` all that come from one address. Repeat after `Retry-After` seconds.',
});

/** How long to wait is in the headers that every counted answer has. */
export class RateLimitExceededError extends AppError {
  constructor(policy: string) {
    super(RATE_LIMIT_EXCEEDED, 'There have been too many requests; Retry-After says when there is room again.', {
      extensions: { policy },
    });
  }
}

import { type CustomDecorator, SetMetadata } from '@nestjs/common';
import { callSite } from './call-site.js';

export const ROUTE_LINE = 'logging:line';

/**
 * Remembers the source line of a route for its log lines. Call it inside a decorator factory that every route uses;
 * the stack is walked once, when the class is defined.
 *
 * @param depth frames between the decorator's use and this call; 2 for a decorator that calls this directly.
 */
export function markRouteLine(depth = 2): CustomDecorator {
  return SetMetadata(ROUTE_LINE, callSite(depth + 1).line);
}

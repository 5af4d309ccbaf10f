import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

const CACHE_RULE = 'cache:rule';
const INVALIDATION_RULE = 'cache:invalidation';
/** True on operations that are kept, until the document is completed. */
export const CACHED_EXTENSION = 'x-cached';

export const SCOPES = ['public', 'user'] as const;

/** How the result of a method is kept. @typeParam A arguments of the method; of a route, the {@link RouteCall}. */
export interface CacheRule<A extends readonly unknown[]> {
  /** Milliseconds for which a result is served without asking again, unless it is invalidated before. */
  readonly ttlMs: number;
  /** Milliseconds after that in which it may be served while it is renewed, or when it cannot be; 0 unless given. */
  readonly staleMs?: number;
  /** Whose the result is: everybody's who is let in, or the caller's alone. There is no default. */
  readonly scope: (typeof SCOPES)[number];
  /** Names of what the result is made from, as writes name what they change. */
  readonly tags: (...args: A) => readonly string[];
}

/** What a cached route is called with, as it came: nothing is validated yet. */
export interface RouteCall {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** Id of the caller; null on public routes. */
  readonly userId: string | null;
  readonly roles: readonly string[];
}

/**
 * Keeps what a GET route or a service method returns.
 *
 * A hit of a route costs no handler, no validation, and neither makes nor hashes a body. A method must be asynchronous, with
 * arguments and a result that are JSON; its result is frozen. What breaks these rules keeps the application from booting.
 */
export function CacheResult<A extends readonly unknown[]>(rule: CacheRule<A>): MethodDecorator {
  return applyDecorators(SetMetadata(CACHE_RULE, rule), ApiExtension(CACHED_EXTENSION, true));
}

/**
 * What a method that writes has changed: results with one of these tags are dropped on every instance, after the commit
 * and before the method's caller goes on. Nothing is dropped when it throws.
 */
export function InvalidatesCache<R, A extends readonly unknown[]>(
  tags: (result: R, ...args: A) => readonly string[],
): MethodDecorator {
  return SetMetadata(INVALIDATION_RULE, tags);
}

export function cacheRuleOf(method: object): CacheRule<readonly unknown[]> | undefined {
  return Reflect.getMetadata(CACHE_RULE, method);
}

export function invalidationRuleOf(
  method: object,
): ((result: unknown, ...args: readonly unknown[]) => readonly string[]) | undefined {
  return Reflect.getMetadata(INVALIDATION_RULE, method);
}

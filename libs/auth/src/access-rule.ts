import { applyDecorators, type ExecutionContext, SetMetadata, UseInterceptors } from '@nestjs/common';
import { markRouteLine } from '@app/logging';
import { ApiExtension } from '@nestjs/swagger';
import { OwnerRuleInterceptor } from './owner-rule.interceptor.js';

/** Who may call a route. Every route has exactly one; without one the application does not start. */
export type AccessRule =
  | { readonly kind: 'public' }
  | { readonly kind: 'roles'; readonly roles: readonly string[] }
  | { readonly kind: 'owner'; readonly or: readonly string[] };

export const ACCESS_RULE = 'access:rule';
/** The rule as the OpenAPI operation carries it, until the document is completed. */
export const ACCESS_EXTENSION = 'x-access';

/** Anyone, signed in or not. */
export function Public(): MethodDecorator {
  return rule({ kind: 'public' });
}

/** Callers with one of these roles; everyone signed in is a `customer`. Others get 403. */
export function Roles(...roles: [string, ...string[]]): MethodDecorator {
  return rule({ kind: 'roles', roles });
}

/**
 * The owner of the thing, and callers with one of these roles; for others it does not exist (404). Who owns it is known
 * once it is loaded: the use case asks `caller.mayAccess(ownerId)`, and an answer without that question is an error.
 */
export function OwnerOr(...or: string[]): MethodDecorator {
  return applyDecorators(rule({ kind: 'owner', or }, 4), UseInterceptors(OwnerRuleInterceptor));
}

/** The rule of the route that is being called. */
export function accessRuleOf(context: ExecutionContext): AccessRule | undefined {
  const value: unknown = Reflect.getMetadata(ACCESS_RULE, context.getHandler());
  return isAccessRule(value) ? value : undefined;
}

export function isAccessRule(value: unknown): value is AccessRule {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

/** @param depth frames up to the route, for its line in the log. */
function rule(value: AccessRule, depth = 3): MethodDecorator {
  return applyDecorators(SetMetadata(ACCESS_RULE, value), ApiExtension(ACCESS_EXTENSION, value), markRouteLine(depth));
}

import { hash } from 'node:crypto';
import { currentContext } from '@app/logging';
import type { CacheRule } from './cache-rule.js';

const MAX_LENGTH = 200;

/**
 * Who shares the value: everybody, or the caller in the roles that he has now.
 *
 * @returns undefined when it is the caller's and nobody is signed in: then nothing is kept.
 */
export function scopeKey(scope: CacheRule<readonly unknown[]>['scope']): string | undefined {
  if (scope === 'public') return '*';
  const context = currentContext();
  if (!context || context.userId === null) return undefined;
  return `${context.userId}(${context.roles.join()})`;
}

/**
 * Of a route: the path as it is, and the query in one order. Only what was answered with success is kept, so no undeclared
 * parameter ever is in a key that is kept. The values of the query, which may be personal, are in it as a hash.
 *
 * @param variant what else makes another answer, from `CacheOptions.variantOf`.
 */
export function routeKey(route: string, scope: string, { url, variant }: { url: string; variant: string }): string {
  const at = url.indexOf('?');
  const path = at < 0 ? url : url.slice(0, at);
  const query =
    at < 0
      ? ''
      : `?${hash(
          'sha256',
          url
            .slice(at + 1)
            .split('&')
            .toSorted()
            .join('&'),
          'base64url',
        )}`;
  return bounded(`${route} ${scope} ${path}${query}${variant && ` ${variant}`}`);
}

/** @param args as canonical JSON. */
export function methodKey(method: string, scope: string, args: string): string {
  return bounded(`${method} ${scope} ${args}`);
}

/** A key has no more characters than this; what is longer is named by its hash. */
function bounded(key: string): string {
  return key.length <= MAX_LENGTH ? key : `${key.slice(0, 60)}#${hash('sha256', key, 'base64url')}`;
}

import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { currentContext } from '@app/logging';
import type { Request, Response } from 'express';
import { from, lastValueFrom, map, type Observable, of } from 'rxjs';
import { routeKey, scopeKey } from './cache-key.js';
import { type CacheRule, cacheRuleOf, type RouteCall } from './cache-rule.js';
import { CacheOptions } from './cache-options.js';
import { LayeredCache } from './layered-cache.js';
import type { Source, Sourced } from './source.js';

/** RFC 9211. */
const CACHE_STATUS: Readonly<Record<Source, string>> = {
  L1: 'plinth; hit; detail=L1',
  L2: 'plinth; hit; detail=L2',
  stale: 'plinth; fwd=stale',
  loaded: 'plinth; fwd=uri-miss',
};
const BYPASSED = 'plinth; fwd=bypass';

/**
 * Answers a route that has `@CacheResult()` from the cache. It keeps what the interceptors inside it make of the handler's
 * result: bytes and headers, as plain data. Whoever gets it has passed the guards, and everything that the answer depends
 * on behind them is part of its key.
 */
@Injectable()
export class CacheInterceptor implements NestInterceptor {
  constructor(
    private readonly cache: LayeredCache,
    private readonly options: CacheOptions,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const rule = cacheRuleOf(context.getHandler());
    const scope = rule && scopeKey(rule.scope);
    if (!rule || scope === undefined || !this.cache.isEnabled) return next.handle();
    const http = context.switchToHttp();
    const [request, response] = [http.getRequest<Request<Record<string, string>>>(), http.getResponse<Response>()];
    const variant = this.options.variantOf(context);
    if (variant === undefined) {
      response.setHeader('Cache-Status', BYPASSED);
      return next.handle();
    }
    const key = routeKey(`${context.getClass().name}.${context.getHandler().name}`, scope, {
      url: request.originalUrl,
      variant,
    });
    const hit = this.cache.peek(key);
    if (hit) return of(deliver(hit, response));
    const { ttlMs, staleMs = 0 } = rule;
    const policy = { ttlMs, staleMs, tags: tagsOf(rule, request) };
    return from(this.cache.lookup(key, () => lastValueFrom(next.handle()), policy)).pipe(
      map((found) => deliver(found, response)),
    );
  }
}

function deliver({ value, source }: Sourced<unknown>, response: Response): unknown {
  response.setHeader('Cache-Status', CACHE_STATUS[source]);
  return value;
}

function tagsOf(
  { tags }: CacheRule<readonly unknown[]>,
  { params, query }: Request<Record<string, string>>,
): readonly string[] {
  const { userId = null, roles = [] } = currentContext() ?? {};
  const call: RouteCall = { params, query, userId, roles };
  return tags(call);
}

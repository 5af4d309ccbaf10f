import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AppLogger, currentContext } from '@app/logging';
import type { Request, Response } from 'express';
import { LRUCache } from 'lru-cache';
import { Counter } from 'prom-client';
import type { Deprecation } from './deprecation.js';

export const DEPRECATION = 'rest:deprecation';

/** A caller is named once in this time, and again after this many others. */
const NAMED_FOR_MS = 3_600_000;
const MAX_CALLERS = 1_000;

const requests = new Counter({
  name: 'plinth_deprecated_requests_total',
  help: 'Calls of operations that will go.',
  labelNames: ['operation'],
});

/**
 * Lets everyone pass, and says that the operation will go. A guard of the route, since it runs behind those that refuse a
 * caller, and before everything that may answer him: interceptors, a cache, errors.
 */
@Injectable()
export class DeprecationGuard implements CanActivate {
  private readonly log = new AppLogger(DeprecationGuard.name);
  private readonly named = new LRUCache<string, true>({ max: MAX_CALLERS, ttl: NAMED_FOR_MS });

  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const deprecation = this.reflector.get<Deprecation>(DEPRECATION, context.getHandler());
    const http = context.switchToHttp();
    const response = http.getResponse<Response>();
    for (const [name, value] of Object.entries(deprecation.headers)) response.append(name, value);
    const operation = context.getHandler().name;
    requests.inc({ operation });
    this.name(operation, http.getRequest<Request>());
    return true;
  }

  /** So that one knows whom to tell. */
  private name(operation: string, request: Request): void {
    const caller = currentContext()?.userId ?? request.ip ?? '';
    const call = `${operation} ${caller}`;
    if (this.named.has(call)) return;
    this.named.set(call, true);
    this.log.warn('a deprecated operation is in use', {
      operation,
      caller,
      user_agent: request.get('user-agent') ?? null,
    });
  }
}

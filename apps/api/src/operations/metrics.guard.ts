import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { RouteNotFoundError } from '@app/problem';
import type { Request } from 'express';
import { MetricsAccess, mayReadMetrics } from './metrics-access.js';
import { MetricsServer } from './metrics-server.js';

/** For those who may not read them there are no metrics. */
@Injectable()
export class MetricsGuard implements CanActivate {
  constructor(
    private readonly access: MetricsAccess,
    private readonly server: MetricsServer,
  ) {}

  /** @throws RouteNotFoundError 404 */
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<Request>();
    const reader = { authorization: request.get('authorization'), isOnPort: this.server.took(request) };
    if (!mayReadMetrics(this.access, reader)) throw new RouteNotFoundError();
    return true;
  }
}

import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { RouteNotFoundError } from '@app/problem';
import type { Request } from 'express';
import { MetricsAccess, mayReadMetrics } from './metrics-access.js';

/** For those who may not read them there are no metrics. */
@Injectable()
export class MetricsGuard implements CanActivate {
  constructor(private readonly access: MetricsAccess) {}

  /** @throws RouteNotFoundError 404 */
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<Request>();
    if (!mayReadMetrics(this.access, request.get('authorization'))) throw new RouteNotFoundError();
    return true;
  }
}

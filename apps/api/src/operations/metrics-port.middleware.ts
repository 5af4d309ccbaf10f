import { RouteNotFoundError } from '@app/problem';
import type { NextFunction, Request, Response } from 'express';
import type { MetricsServer } from './metrics-server.js';

/** All that is served there. */
const SERVED = /^\/(?:metrics|status(?:\.(?:css|js|json))?|health\/[a-z]+)(?:\?|$)/;

/** On the port of metrics, what is not for it is not there. */
export function keepOthersOut(server: MetricsServer) {
  return (request: Request, _response: Response, next: NextFunction): void => {
    next(server.took(request) && !SERVED.test(request.url) ? new RouteNotFoundError() : undefined);
  };
}

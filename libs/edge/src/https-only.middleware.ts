import type { NextFunction, Request, Response } from 'express';
import { HttpsRequiredError } from './edge.errors.js';

/**
 * Refuses what came by plain HTTP (403), to this server or, as a trusted proxy says in `X-Forwarded-Proto`, to that one. It
 * does not redirect: a token that was sent is told already, and the caller should learn of it.
 *
 * @param isExempt whoever comes from within.
 */
export function requireHttps(isExempt: (request: Request) => boolean) {
  return (request: Request, _response: Response, next: NextFunction): void => {
    next(request.secure || isExempt(request) ? undefined : new HttpsRequiredError());
  };
}

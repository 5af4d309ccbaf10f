import type { NextFunction, Request, Response } from 'express';
import { MisdirectedError } from './edge.errors.js';

/**
 * Answers for the hosts of the list alone (421): nobody gets links, cached pages or a rebound DNS name through another.
 * The `Host` of the request counts, never what a proxy says in `X-Forwarded-Host`.
 *
 * @param hosts in lower case, with a port or for any: `api.example.com`, `10.0.0.1:8080`, `[::1]`.
 * @param isExempt whoever comes from within, and asks by address.
 */
export function trustHosts(hosts: readonly string[], isExempt: (request: Request) => boolean) {
  const trusted = new Set(hosts);
  return (request: Request, _response: Response, next: NextFunction): void => {
    if (isTrusted(trusted, request.headers.host) || isExempt(request)) next();
    else next(new MisdirectedError());
  };
}

const PORT = /:\d*$/;

function isTrusted(trusted: ReadonlySet<string>, host = ''): boolean {
  const given = host.toLowerCase();
  return trusted.has(given) || trusted.has(given.replace(PORT, ''));
}

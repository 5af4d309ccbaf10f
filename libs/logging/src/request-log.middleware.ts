import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import { onHead } from './on-head.js';
import { type RequestContext, newRequestContext, runInContext } from './request-context.js';
import { requestLogger } from './root-logger.js';
import { endRequestTrace, openRequestTrace } from './tracing/request-span.js';
import { traceFields } from './tracing/trace.js';

export interface RequestLogOptions {
  /** Sends `Server-Timing` with database and application time. */
  readonly serverTiming: boolean;
  /** Told of every request; it must not throw. */
  readonly observer?: RequestObserver;
}

/** Of each request, once each. */
export interface RequestObserver {
  began(): void;
  ended(request: EndedRequest): void;
}

export interface EndedRequest {
  readonly method: string;
  /** The template; undefined: none took it. */
  readonly route: string | undefined;
  readonly status: number;
  /** Milliseconds until the head of the answer was sent; undefined: the client had gone before. */
  readonly headMs: number | undefined;
}

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;

/**
 * First step of every request: opens its context and its span, answers `X-Request-ID`, and writes one line when the
 * answer is out or the client has gone. Express middleware and not an interceptor, because refused requests count too.
 */
export function requestLog(options: RequestLogOptions) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const path = request.path;
    const id = requestIdOf(request.headers['x-request-id']);
    const context = newRequestContext(id, openRequestTrace(request, path));
    response.setHeader('X-Request-ID', context.requestId);
    if (options.serverTiming) onHead(response, () => sendServerTiming(response, context));
    if (options.observer) observe(request, response, options.observer);
    response.once('close', () => leave(request, response, { context, path }));
    runInContext(context, next);
  };
}

function observe(request: Request, response: Response, observer: RequestObserver): void {
  const startedAt = performance.now();
  let headMs: number | undefined;
  onHead(response, () => (headMs = performance.now() - startedAt));
  observer.began();
  const { method } = request;
  response.once('close', () =>
    observer.ended({ method, route: routeOf(request), status: response.statusCode, headMs }),
  );
}

/** The id that the caller gave, if it is one (1–128 of `[A-Za-z0-9._-]`), or a new one. */
export function requestIdOf(offered: string | readonly string[] | undefined): string {
  return typeof offered === 'string' && REQUEST_ID.test(offered) ? offered : randomUUID();
}

function sendServerTiming(response: Response, { db, startedAt }: RequestContext): void {
  const database = `db;dur=${db.ms.toFixed(1)};desc="${db.queries} ${db.queries === 1 ? 'query' : 'queries'}"`;
  response.setHeader('Server-Timing', `${database}, app;dur=${(performance.now() - startedAt).toFixed(1)}`);
}

function leave(request: Request, response: Response, of: { context: RequestContext; path: string }): void {
  const { context, path } = of;
  const { trace, requestId } = context;
  const { method } = request;
  const aborted = !response.writableFinished;
  const status = aborted && !response.headersSent ? 499 : response.statusCode;
  const level = response.statusCode >= 500 ? 'error' : 'info';
  const route = routeOf(request);
  requestLogger()[level](
    {
      module: context.module ?? 'http',
      function: context.function,
      line: context.line,
      request_id: requestId,
      user_id: context.userId,
      ...traceFields(trace),
      method,
      route: route ?? null,
      path,
      status,
      duration_ms: round(performance.now() - context.startedAt),
      db_queries: context.db.queries,
      db_ms: round(context.db.ms),
      ...(aborted && { aborted: true }),
    },
    'request',
  );
  endRequestTrace(trace, { method, route, status, requestId });
}

/** The template (`/api/v1/orders/:id`), so that lines of one route can be counted together. */
function routeOf(request: Request): string | undefined {
  const route: unknown = request.route;
  if (typeof route !== 'object' || route === null || !('path' in route)) return undefined;
  return typeof route.path === 'string' && !route.path.includes('*') ? route.path : undefined;
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

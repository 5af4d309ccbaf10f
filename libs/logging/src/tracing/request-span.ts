import type { Request } from 'express';
import { readTrace, type Trace } from './trace.js';
import { openTrace } from './tracer.js';

/** Others are one name: whoever sends them must not make up names of spans. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);

/** https://opentelemetry.io/docs/specs/semconv/http/http-spans/ The query is left out: it may hold personal data. */
export function openRequestTrace(request: Request, path: string): Trace | null {
  const { method, headers } = request;
  const caller = readTrace(headers['traceparent'], headers['tracestate']);
  const describe = () => ({
    name: knownMethod(method) ?? 'HTTP',
    kind: 'server' as const,
    attributes: {
      'http.request.method': knownMethod(method) ?? '_OTHER',
      'url.path': path,
      'url.scheme': request.protocol,
    },
  });
  return openTrace(describe, caller);
}

export interface RequestEnd {
  readonly method: string;
  /** The template; undefined where there is no such route. */
  readonly route: string | undefined;
  readonly status: number;
  readonly requestId: string;
}

export function endRequestTrace(trace: Trace | null, { method, route, status, requestId }: RequestEnd): void {
  if (!trace?.span?.isSampled) return;
  const name = knownMethod(method) ?? 'HTTP';
  trace.span.end({
    name: route === undefined ? name : `${name} ${route}`,
    attributes: {
      'http.response.status_code': status,
      ...(route !== undefined && { 'http.route': route }),
      'plinth.request_id': requestId,
    },
    ...(status >= 500 && { errorType: String(status) }),
  });
}

function knownMethod(method: string): string | undefined {
  return METHODS.has(method) ? method : undefined;
}

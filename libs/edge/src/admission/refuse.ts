import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestIdOf } from '@app/logging';
import { PROBLEM_JSON, problemDocument } from '@app/problem';
import { OverloadedError } from '../edge.errors.js';

const RETRY_AFTER_S = 1;
/** A longer body is not read to its end for a caller who is sent away. */
const DRAINED_BYTES = 65_536;

const ERROR = new OverloadedError(RETRY_AFTER_S);

/** Answers 503 without the application: whoever has too much to do must not spend it on saying so. */
export function refuse(request: IncomingMessage, response: ServerResponse): void {
  const requestId = requestIdOf(request.headers['x-request-id']);
  const [instance = '/'] = (request.url ?? '/').split('?', 1);
  const body = JSON.stringify(problemDocument(ERROR, { instance, requestId }));
  if (isLong(request)) response.setHeader('Connection', 'close');
  response.writeHead(ERROR.problem.status, {
    'X-Request-ID': requestId,
    'Retry-After': RETRY_AFTER_S,
    'Cache-Control': 'no-store',
    'Content-Type': `${PROBLEM_JSON}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(body),
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function isLong({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > DRAINED_BYTES;
}

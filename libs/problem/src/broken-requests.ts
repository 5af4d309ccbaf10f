import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppLogger } from '@app/logging';
import type { AppError } from './app-error.js';
import { PROBLEM_JSON, problemDocument } from './problem-document.js';
import { HeadTooLargeError, RequestMalformedError, RequestTimeoutError } from './request.errors.js';

const log = new AppLogger('BrokenRequests');

const STATUS_LINES: Readonly<Record<number, string>> = {
  400: '400 Bad Request',
  408: '408 Request Timeout',
  431: '431 Request Header Fields Too Large',
};

/**
 * Answers what Node's parser refuses, such as unknown methods and contradicting lengths, as a problem, too, and requests
 * that do not come to their end. Such a request never reaches the application, so the answer is written by hand and the
 * connection ends.
 */
export function answerBrokenRequests(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else socket.end(answer(errorOf(error.code), error.code));
  });
}

/** https://nodejs.org/api/http.html#event-clienterror */
function errorOf(code: string | undefined): AppError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new RequestTimeoutError();
  if (code === 'HPE_HEADER_OVERFLOW') return new HeadTooLargeError();
  return new RequestMalformedError('The request is not well-formed HTTP.');
}

function answer(error: AppError, reason: string | undefined): string {
  const requestId = randomUUID();
  log.info('not a readable request', { request_id: requestId, reason });
  const body = JSON.stringify(problemDocument(error, { instance: '/', requestId }));
  const head = [
    `HTTP/1.1 ${STATUS_LINES[error.problem.status]}`,
    `X-Request-ID: ${requestId}`,
    'Cache-Control: no-store',
    `Content-Type: ${PROBLEM_JSON}; charset=utf-8`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  return [...head, '', body].join('\r\n');
}

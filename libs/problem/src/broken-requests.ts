import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppLogger } from '@app/logging';
import { PROBLEM_JSON, problemDocument } from './problem-document.js';
import { RequestMalformedError } from './request.errors.js';

const log = new AppLogger('BrokenRequests');
const TIMEOUT = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

/**
 * Answers what Node's parser refuses, such as unknown methods and contradicting lengths, as a problem, too. Such a
 * request never reaches the application, so the answer is written by hand and the connection ends.
 */
export function answerBrokenRequests(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    socket.end(error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? TIMEOUT : malformed(error.code));
  });
}

function malformed(reason: string | undefined): string {
  const requestId = randomUUID();
  log.info('not a readable request', { request_id: requestId, reason });
  const error = new RequestMalformedError('The request is not well-formed HTTP, or its header is too large.');
  const body = JSON.stringify(problemDocument(error, { instance: '/', requestId }));
  const head = [
    'HTTP/1.1 400 Bad Request',
    `X-Request-ID: ${requestId}`,
    'Cache-Control: no-store',
    `Content-Type: ${PROBLEM_JSON}; charset=utf-8`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  return [...head, '', body].join('\r\n');
}

import { AppError, type FieldError } from './app-error.js';
import { defineProblem } from './problem.js';

export const REQUEST_MALFORMED = defineProblem({
  code: 'request.malformed',
  status: 400,
  title: 'Malformed request',
  description: 'The request could not be read: broken JSON, invalid UTF-8, a broken percent-encoding or header.',
});

export const REQUEST_INVALID = defineProblem({
  code: 'request.invalid',
  status: 422,
  title: 'Invalid input',
  description: 'The request could be read, but some of its input is refused; `errors` points at each part.',
});

export const UNSUPPORTED_MEDIA_TYPE = defineProblem({
  code: 'request.unsupported_media_type',
  status: 415,
  title: 'Unsupported media type',
  description: 'The body has a `Content-Type`, charset or encoding that this route does not read.',
});

export const NOT_ACCEPTABLE = defineProblem({
  code: 'request.not_acceptable',
  status: 406,
  title: 'Not acceptable',
  description: 'The route cannot answer in any of the media types that `Accept` allows.',
});

export const TOO_LARGE = defineProblem({
  code: 'request.too_large',
  status: 413,
  title: 'Request body too large',
  description: 'The body has more bytes than the server accepts; send less, or in several requests.',
});

export const HEAD_TOO_LARGE = defineProblem({
  code: 'request.head_too_large',
  status: 431,
  title: 'Request head too large',
  description: 'URL and headers together are longer than the server reads. Send less of them.',
});

export const REQUEST_TIMEOUT = defineProblem({
  code: 'request.timeout',
  status: 408,
  title: 'Request timeout',
  description: 'The request did not come to its end in time. Repeat it on another connection.',
});

export const ROUTE_NOT_FOUND = defineProblem({
  code: 'route.not_found',
  status: 404,
  title: 'No such path',
  description: 'Nothing answers at this path; the paths are listed in /openapi.json.',
});

export const METHOD_NOT_ALLOWED = defineProblem({
  code: 'route.method_not_allowed',
  status: 405,
  title: 'Method not allowed',
  description: 'The path exists, but not with this method; `Allow` lists the methods.',
});

export const CONCURRENT_UPDATE = defineProblem({
  code: 'conflict.concurrent_update',
  status: 409,
  title: 'Concurrent update',
  description: 'Another request changed the same data at the same moment. Read the resource again and repeat.',
});

export const SERVICE_UNAVAILABLE = defineProblem({
  code: 'service.unavailable',
  status: 503,
  title: 'Service unavailable',
  description: 'A part that the service needs does not answer at the moment. Repeat after `Retry-After` seconds.',
});

export const INTERNAL = defineProblem({
  code: 'server.internal',
  status: 500,
  title: 'Internal error',
  description: 'The server failed. The cause is in its log under the `requestId` of the answer.',
});

export class RequestMalformedError extends AppError {
  constructor(detail: string, cause?: unknown, errors?: readonly FieldError[]) {
    super(REQUEST_MALFORMED, detail, { cause, ...(errors && { errors }) });
  }
}

export class RequestInvalidError extends AppError {
  constructor(errors: readonly FieldError[]) {
    const [first] = errors;
    super(
      REQUEST_INVALID,
      errors.length === 1 && first ? first.detail : `${errors.length} parts of the input are refused.`,
      {
        errors,
      },
    );
  }
}

export class HeadTooLargeError extends AppError {
  constructor() {
    super(HEAD_TOO_LARGE, 'URL and headers together are too long.');
  }
}

export class RequestTimeoutError extends AppError {
  constructor() {
    super(REQUEST_TIMEOUT, 'The request did not come to its end in time.');
  }
}

export class UnsupportedMediaTypeError extends AppError {
  constructor(detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(UNSUPPORTED_MEDIA_TYPE, detail, { headers });
  }
}

export class NotAcceptableError extends AppError {
  constructor(available: readonly string[]) {
    super(NOT_ACCEPTABLE, `This route answers in ${available.join(', ')}.`);
  }
}

export class TooLargeError extends AppError {
  constructor(limitBytes?: number) {
    super(TOO_LARGE, limitBytes === undefined ? 'The body is too large.' : `The body may have ${limitBytes} bytes.`);
  }
}

export class RouteNotFoundError extends AppError {
  constructor() {
    super(ROUTE_NOT_FOUND, 'Nothing answers at this path.');
  }
}

export class MethodNotAllowedError extends AppError {
  constructor(allowed: readonly string[]) {
    super(METHOD_NOT_ALLOWED, `This path answers to ${allowed.join(', ')}.`, {
      headers: { Allow: allowed.join(', ') },
    });
  }
}

export class ConcurrentUpdateError extends AppError {
  constructor(cause?: unknown) {
    super(CONCURRENT_UPDATE, 'Another request changed the same data at the same moment.', { cause });
  }
}

export class ServiceUnavailableError extends AppError {
  /** @param retryAfterS whole seconds, sent as `Retry-After`. */
  constructor(cause?: unknown, retryAfterS = 1) {
    super(SERVICE_UNAVAILABLE, 'The service cannot answer at the moment.', {
      cause,
      headers: { 'Retry-After': String(retryAfterS) },
    });
  }
}

export class InternalError extends AppError {
  constructor(cause: unknown) {
    super(INTERNAL, 'The server failed; the request id finds the cause in its log.', { cause });
  }
}

import { AppError, defineProblem } from '@app/problem';

export const MISDIRECTED = defineProblem({
  code: 'request.misdirected',
  status: 421,
  title: 'Misdirected request',
  description: 'The `Host` of the request is none that this server answers for. Use the published address.',
});

export const HTTPS_REQUIRED = defineProblem({
  code: 'request.https_required',
  status: 403,
  title: 'HTTPS required',
  description:
    'The request came by plain HTTP, where others can read it. Repeat it by HTTPS, and replace what it told.',
});

export const OVERLOADED = defineProblem({
  code: 'service.overloaded',
  status: 503,
  title: 'Overloaded',
  description:
    'More is asked at the moment than can be answered in time, so this request was not begun. Repeat it after `Retry-After` seconds.',
});

export class MisdirectedError extends AppError {
  constructor() {
    super(MISDIRECTED, 'This server does not answer for that Host.');
  }
}

export class HttpsRequiredError extends AppError {
  constructor() {
    super(HTTPS_REQUIRED, 'This server is used by HTTPS alone.');
  }
}

export class OverloadedError extends AppError {
  constructor(retryAfterS: number) {
    super(OVERLOADED, 'The server has more to do than it can do in time; this request was not begun.', {
      headers: { 'Retry-After': String(retryAfterS) },
    });
  }
}

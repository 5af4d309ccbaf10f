import { AppError, defineProblem } from '@app/problem';

export const CURSOR_INVALID = defineProblem({
  code: 'cursor.invalid',
  status: 422,
  title: 'Invalid cursor',
  description:
    'The cursor is damaged, or was made for another list, other filters or another caller, or an export, which is the whole list, was asked for with one. Start again without a cursor.',
});

export const PRECONDITION_REQUIRED = defineProblem({
  code: 'precondition.required',
  status: 428,
  title: 'If-Match required',
  description: 'Changing this resource needs `If-Match` with the ETag that was read, so that no update is lost.',
});

export const PRECONDITION_FAILED = defineProblem({
  code: 'precondition.failed',
  status: 412,
  title: 'The resource has changed',
  description: 'The ETag in `If-Match` is not that of the resource as it is now. Read it again and repeat the change.',
});

export const URI_TOO_LONG = defineProblem({
  code: 'request.uri_too_long',
  status: 414,
  title: 'URL too long',
  description: 'Path and query together are longer than the server accepts.',
});

export class UriTooLongError extends AppError {
  constructor(maxBytes: number) {
    super(URI_TOO_LONG, `A URL may have ${maxBytes} bytes.`);
  }
}

export class CursorInvalidError extends AppError {
  constructor() {
    const detail = 'The cursor does not belong to this list, its filters and this caller.';
    super(CURSOR_INVALID, detail, { errors: [{ in: 'query', parameter: 'cursor', code: 'cursor', detail }] });
  }
}

/** An export is the whole list. */
export class ExportCursorError extends AppError {
  constructor() {
    const detail = 'An export has no pages: leave the cursor out.';
    super(CURSOR_INVALID, detail, { errors: [{ in: 'query', parameter: 'cursor', code: 'export', detail }] });
  }
}

export class PreconditionRequiredError extends AppError {
  constructor() {
    super(PRECONDITION_REQUIRED, 'This change needs If-Match with the ETag that was read.');
  }
}

export class PreconditionFailedError extends AppError {
  constructor() {
    const detail = 'The resource has changed since the ETag in If-Match was read.';
    super(PRECONDITION_FAILED, detail, { errors: [{ in: 'header', parameter: 'If-Match', code: 'changed', detail }] });
  }
}

import { AppError, defineProblem } from '@app/problem';

export const IDEMPOTENCY_KEY_REQUIRED = defineProblem({
  code: 'idempotency.key_required',
  status: 400,
  title: 'Idempotency-Key required',
  description:
    'This operation needs an `Idempotency-Key`, so that it can be repeated when its answer was lost. Send a fresh one, such as a UUID, for each thing that you want done.',
});

export const IDEMPOTENCY_KEY_INVALID = defineProblem({
  code: 'idempotency.key_invalid',
  status: 400,
  title: 'Invalid Idempotency-Key',
  description: 'An `Idempotency-Key` is given once, and has 1 to 255 printable ASCII characters.',
});

export const IDEMPOTENCY_IN_PROGRESS = defineProblem({
  code: 'idempotency.in_progress',
  status: 409,
  title: 'Still in progress',
  description:
    'A request with this `Idempotency-Key` is being worked on. Repeat after `Retry-After` seconds for its answer.',
});

export const IDEMPOTENCY_KEY_REUSED = defineProblem({
  code: 'idempotency.key_reused',
  status: 422,
  title: 'Idempotency-Key used for something else',
  description:
    'The `Idempotency-Key` has been used with another body. A repetition sends the same body; another thing needs another key.',
});

/** What an operation that takes a key may refuse because of it. */
export const IDEMPOTENCY_PROBLEMS = [
  IDEMPOTENCY_KEY_REQUIRED,
  IDEMPOTENCY_KEY_INVALID,
  IDEMPOTENCY_IN_PROGRESS,
  IDEMPOTENCY_KEY_REUSED,
];

const HEADER = 'Idempotency-Key';

export class KeyRequiredError extends AppError {
  constructor() {
    const detail = `This operation needs the header ${HEADER}.`;
    super(IDEMPOTENCY_KEY_REQUIRED, detail, { errors: [refused('required', detail)] });
  }
}

export class KeyInvalidError extends AppError {
  constructor() {
    const detail = `${HEADER} must be given once, and have 1 to 255 printable ASCII characters.`;
    super(IDEMPOTENCY_KEY_INVALID, detail, { errors: [refused('key', detail)] });
  }
}

export class InProgressError extends AppError {
  constructor() {
    super(IDEMPOTENCY_IN_PROGRESS, 'A request with this key is being worked on.', { headers: { 'Retry-After': '1' } });
  }
}

export class KeyReusedError extends AppError {
  constructor() {
    const detail = 'The key has been used with another body.';
    super(IDEMPOTENCY_KEY_REUSED, detail, { errors: [refused('reused', detail)] });
  }
}

function refused(code: string, detail: string) {
  return { in: 'header', parameter: HEADER, code, detail } as const;
}

import { type Problem, PROBLEM_JSON } from '@app/problem';
import { IDEMPOTENCY_IN_PROGRESS } from '@app/rest';
import type { HeadersObject, ResponseObject, SchemaObject } from './open-api.types.js';
import { headers, limitHeaders, required } from './shared-headers.js';

const FIELD_ERROR: SchemaObject = {
  type: 'object',
  description: 'A refused part of the input: `pointer` into the body, or `in` and `parameter`.',
  required: ['code', 'detail'],
  properties: {
    pointer: { type: 'string', description: 'JSON pointer (RFC 6901) into the body.', example: '/items/0/quantity' },
    in: {
      type: 'string',
      enum: ['query', 'path', 'header'],
      description: 'Where the parameter stands.',
      example: 'query',
    },
    parameter: { type: 'string', description: 'Name of the parameter.', example: 'limit' },
    code: { type: 'string', description: 'Which rule was broken.', example: 'integer' },
    detail: { type: 'string', description: 'For people.', example: 'limit must be a whole number from 1 to 100.' },
  },
  example: { in: 'query', parameter: 'limit', code: 'integer', detail: 'limit must be a whole number from 1 to 100.' },
};

const PROBLEM: SchemaObject = {
  type: 'object',
  description: 'What went wrong, in the form of RFC 9457.',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'requestId'],
  properties: {
    type: {
      type: 'string',
      format: 'uri-reference',
      description: 'Page about the code.',
      example: '/problems/request.invalid',
    },
    title: { type: 'string', description: 'The same for each occurrence.', example: 'Invalid input' },
    status: { type: 'integer', minimum: 400, maximum: 599, description: 'HTTP status.', example: 422 },
    detail: {
      type: 'string',
      description: 'What happened this time.',
      example: 'limit must be a whole number from 1 to 100.',
    },
    instance: {
      type: 'string',
      format: 'uri-reference',
      description: 'Path of the request.',
      example: '/api/v1/orders',
    },
    code: { type: 'string', description: 'Stable code.', example: 'request.invalid' },
    requestId: {
      type: 'string',
      nullable: true,
      description: '`X-Request-ID` of the answer.',
      example: 'e9b7fca3-6f5c-4c52-a1b9-4a0b5f3f0f52',
    },
    traceId: {
      type: 'string',
      pattern: '^[0-9a-f]{32}$',
      description: 'Trace of the request: of its `traceparent`, or begun here. Absent without one.',
      example: '4bf92f3577b34da6a3ce929d0e0e4736',
    },
    errors: {
      type: 'array',
      description: 'The refused parts of the input.',
      items: { $ref: '#/components/schemas/FieldError' },
      example: [FIELD_ERROR.example],
    },
    state: {
      type: 'string',
      description: 'State of the thing that was in the way, for some codes.',
      example: 'shipped',
    },
    policy: { type: 'string', description: 'The exceeded limit, for `rate_limit.exceeded`.', example: 'default' },
    maxBuckets: {
      type: 'integer',
      description: 'How many buckets a range may have, for `range.too_large`.',
      example: 1000,
    },
    latestTo: {
      type: 'string',
      format: 'date-time',
      description: 'The latest end of a range that starts there, for `range.too_large`.',
      example: '2026-02-11T16:00:00.000Z',
    },
  },
  example: {
    type: '/problems/request.invalid',
    title: 'Invalid input',
    status: 422,
    detail: 'limit must be a whole number from 1 to 100.',
    instance: '/api/v1/orders',
    code: 'request.invalid',
    requestId: 'e9b7fca3-6f5c-4c52-a1b9-4a0b5f3f0f52',
    errors: [FIELD_ERROR.example],
  },
};

export const PROBLEM_SCHEMAS = { Problem: PROBLEM, FieldError: FIELD_ERROR };

/** What some codes carry besides the members of all. */
const OWN_MEMBERS: Readonly<Record<string, object>> = {
  'request.invalid': { errors: [FIELD_ERROR.example] },
  'cursor.invalid': {
    errors: [{ in: 'query', parameter: 'cursor', code: 'cursor', detail: 'The cursor does not belong to this list.' }],
  },
  'auth.wrong_password': {
    errors: [{ pointer: '/currentPassword', code: 'wrong_password', detail: 'The current password is wrong.' }],
  },
  'payment.exceeds_due': { errors: [{ pointer: '/amountCents', code: 'exceeds_due', detail: '790 is due.' }] },
  'refund.exceeds_paid': {
    errors: [{ pointer: '/amountCents', code: 'exceeds_paid', detail: '790 can be refunded.' }],
  },
  ...Object.fromEntries(
    [
      ['required', 'idempotency.key_required', 'This operation needs the header Idempotency-Key.'],
      ['key', 'idempotency.key_invalid', 'Idempotency-Key must have 1 to 255 printable ASCII characters.'],
      ['reused', 'idempotency.key_reused', 'The key has been used with another body.'],
    ].map(([code, problem, detail]) => [
      problem,
      { errors: [{ in: 'header', parameter: 'Idempotency-Key', code, detail }] },
    ]),
  ),
  'rate_limit.exceeded': { policy: 'default' },
  'range.too_large': {
    errors: [{ in: 'query', parameter: 'to', code: 'range.too_large', detail: 'A range has at most 1000 buckets.' }],
    maxBuckets: 1_000,
    latestTo: '2026-02-11T16:00:00.000Z',
  },
  'order.transition_not_allowed': { state: 'shipped' },
  'order.not_editable': { state: 'paid' },
};

/** Refused before anything is counted, or it may be so. */
const BEFORE_LIMITS: readonly number[] = [414, 421, 503];

/** The error responses of the document: operations that refuse for the same reasons share one. */
export class ProblemResponses {
  readonly components: Record<string, ResponseObject> = {};

  /**
   * A reference to the response that has an example of each problem; all of them have this status. Those of operations
   * that no limit counts are others, because they lack its headers.
   */
  refer(status: number, problems: readonly Problem[], isCounted: boolean): { $ref: string } {
    const ordered = problems.toSorted((a, b) => (a.code < b.code ? -1 : 1));
    const hasLimit = isCounted && !BEFORE_LIMITS.includes(status);
    const codes = ordered.map(({ code }) => pascalCase(code)).join('Or');
    const name = hasLimit || BEFORE_LIMITS.includes(status) ? codes : `${codes}Uncounted`;
    this.components[name] ??= problemResponse(status, ordered, hasLimit);
    return { $ref: `#/components/responses/${name}` };
  }
}

/** Adds problems to a response that an operation describes itself, because it has bodies of another form too. */
export function addProblemContent(response: ResponseObject, problems: readonly Problem[]): void {
  response.content = { ...response.content, [PROBLEM_JSON]: problemContent(problems) };
}

function problemResponse(status: number, problems: readonly Problem[], hasLimit: boolean): ResponseObject {
  return {
    description: problems.map(({ code, title }) => `${title} (\`${code}\`).`).join(' '),
    headers: { ...problemHeaders(status, problems), ...(hasLimit && limitHeaders()) },
    content: { [PROBLEM_JSON]: problemContent(problems) },
  };
}

function problemContent(problems: readonly Problem[]) {
  const examples = problems.map((problem) => [problem.code, { summary: problem.title, value: example(problem) }]);
  return { schema: { $ref: '#/components/schemas/Problem' }, examples: Object.fromEntries(examples) };
}

function problemHeaders(status: number, problems: readonly Problem[]): HeadersObject {
  if (status === 401) return headers('Cache-Control', 'WWW-Authenticate');
  if (status === 415) return headers('Cache-Control', 'Accept-Post', 'Accept-Patch');
  if (status === 429) return { ...headers('Cache-Control'), ...required('Retry-After') };
  const asksToWait = status === 503 || problems.includes(IDEMPOTENCY_IN_PROGRESS);
  if (asksToWait) return headers('Cache-Control', 'Retry-After');
  return headers('Cache-Control');
}

function example({ code, status, title, description }: Problem) {
  const requestId = 'e9b7fca3-6f5c-4c52-a1b9-4a0b5f3f0f52';
  return {
    type: `/problems/${code}`,
    title,
    status,
    detail: description,
    instance: '/api/v1/orders',
    code,
    requestId,
    ...OWN_MEMBERS[code],
  };
}

function pascalCase(code: string): string {
  return code.replace(/(?:^|[._])([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

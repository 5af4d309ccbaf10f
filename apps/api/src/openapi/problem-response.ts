import type { ResponseObject, SchemaObject } from './open-api.types.js';
import { type Problem, PROBLEM_JSON } from '@app/problem';

const FIELD_ERROR: SchemaObject = {
  type: 'object',
  description: 'A refused part of the input: `pointer` into the body, or `in` and `parameter`.',
  required: ['code', 'detail'],
  properties: {
    pointer: { type: 'string', description: 'JSON pointer (RFC 6901) into the body.', example: '/items/0/quantity' },
    in: { type: 'string', enum: ['query', 'path', 'header'], description: 'Where the parameter stands.', example: 'query' },
    parameter: { type: 'string', description: 'Name of the parameter.', example: 'limit' },
    code: { type: 'string', description: 'Which rule was broken.', example: 'integer' },
    detail: { type: 'string', description: 'For people.', example: 'quantity must be a whole number from 1 to 1000.' },
  },
};

const PROBLEM: SchemaObject = {
  type: 'object',
  description: 'RFC 9457.',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'requestId'],
  properties: {
    type: { type: 'string', description: 'Page about the code.', example: '/problems/order.not_found' },
    title: { type: 'string', description: 'The same for each occurrence.', example: 'No such order' },
    status: { type: 'integer', description: 'HTTP status.', example: 404 },
    detail: { type: 'string', description: 'What happened this time.', example: 'There is no such order.' },
    instance: { type: 'string', description: 'Path of the request.', example: '/api/v1/orders/01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11' },
    code: { type: 'string', description: 'Stable code.', example: 'order.not_found' },
    requestId: { type: 'string', nullable: true, description: '`X-Request-ID` of the answer.', example: 'e9b7fca3-6f5c-4c52-a1b9-4a0b5f3f0f52' },
    errors: { type: 'array', description: 'The refused parts of the input.', items: { $ref: '#/components/schemas/FieldError' } },
    state: { type: 'string', description: 'State of the thing that was in the way.', example: 'shipped' },
  },
};

export const PROBLEM_SCHEMAS = { Problem: PROBLEM, FieldError: FIELD_ERROR };

/** The response for one status, with an example for each code that it can have. */
export function problemResponse(status: number, problems: readonly Problem[]): ResponseObject {
  return {
    description: problems.map(({ code, title }) => `${title} (\`${code}\`).`).join(' '),
    headers: headersOf(status),
    content: {
      [PROBLEM_JSON]: {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(problems.map((problem) => [problem.code, { summary: problem.title, value: example(problem) }])),
      },
    },
  };
}

function headersOf(status: number): NonNullable<ResponseObject['headers']> {
  const headers = { ...COMMON_HEADERS };
  if (status === 401) return { ...headers, 'WWW-Authenticate': header('How to authenticate (RFC 6750).', 'Bearer error="invalid_token"', true) };
  if (status === 503) return { ...headers, 'Retry-After': header('Seconds to wait.', '1', false) };
  return headers;
}

/** Headers of every answer. */
export const COMMON_HEADERS = {
  'X-Request-ID': header('The id of the request, as sent or as given.', 'e9b7fca3-6f5c-4c52-a1b9-4a0b5f3f0f52', true),
  'Server-Timing': header('Time in the database and in all.', 'db;dur=1.2;desc="2 queries", app;dur=3.4', false),
};

export function header(description: string, example: string, required: boolean) {
  return { description, required, schema: { type: 'string' as const }, example };
}

function example({ code, status, title, description }: Problem) {
  return { type: `/problems/${code}`, title, status, detail: description, instance: '/api/v1', code, requestId: 'e9b7fca3-6f5c-4c52-a1b9-4a0b5f3f0f52' };
}

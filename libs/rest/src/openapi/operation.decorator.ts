import { applyDecorators, HttpCode, type Type } from '@nestjs/common';
import { ApiExtension, ApiExtraModels, ApiOperation, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { Problem } from '@app/problem';
import { PageInfo } from '../pagination/page.js';

export interface OperationDoc {
  /** A few words, as a list of operations shows them. */
  readonly summary: string;
  readonly description?: string;
  /** Status and meaning of success, and the class of its body unless there is none. */
  readonly answer: readonly [status: number, meaning: string, body?: Type];
  /** The answer is a page of `body`. */
  readonly paged?: boolean;
  /** What this operation refuses, besides what every operation of its kind does. */
  readonly problems?: readonly Problem[];
}

/** Problem codes of an operation, until the document is completed. */
export const PROBLEMS_EXTENSION = 'x-problems';

/** Status and documentation of a route in one place; errors and headers that all routes share are added later. */
export function Operation(doc: OperationDoc): MethodDecorator {
  const [status, meaning, body] = doc.answer;
  return applyDecorators(
    HttpCode(status),
    ApiOperation({ summary: doc.summary, ...(doc.description !== undefined && { description: doc.description }) }),
    ApiExtension(
      PROBLEMS_EXTENSION,
      (doc.problems ?? []).map(({ code }) => code),
    ),
    ...(doc.paged && body
      ? pageResponse(status, meaning, body)
      : [ApiResponse({ status, description: meaning, ...(body && { type: body }) })]),
  );
}

function pageResponse(status: number, description: string, body: Type): MethodDecorator[] {
  return [
    ApiExtraModels(body, PageInfo),
    ApiResponse({
      status,
      description,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            required: ['data', 'page'],
            properties: {
              data: { type: 'array', items: { $ref: getSchemaPath(body) }, description: 'Entries, newest first.' },
              page: { $ref: getSchemaPath(PageInfo) },
            },
          },
        },
      },
    }),
  ];
}

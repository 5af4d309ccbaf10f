import { applyDecorators, HttpCode, type Type } from '@nestjs/common';
import { ApiExtension, ApiExtraModels, ApiOperation, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { Problem } from '@app/problem';
import { EXPORT_CONTENT } from '../export/export-content.js';
import { entryOf, Exported } from '../export/exported.js';
import { PageInfo } from '../pagination/page.js';

export interface OperationDoc {
  /** A few words, as a list of operations shows them. */
  readonly summary: string;
  readonly description?: string;
  /** Status and meaning of success, and the class of its body unless there is none. */
  readonly answer: readonly [status: number, meaning: string, body?: Type];
  /** The answer is a page of `body`; the whole list can be had as CSV and NDJSON. */
  readonly paged?: boolean;
  /** `data` of the answer can be had as CSV and NDJSON; its type is a list of a documented class. */
  readonly exported?: boolean;
  /** What this operation refuses, besides what every operation of its kind does. */
  readonly problems?: readonly Problem[];
}

/** Problem codes of an operation, until the document is completed. */
export const PROBLEMS_EXTENSION = 'x-problems';

/** Status and documentation of a route in one place; errors and headers that all routes share are added later. */
export function Operation(doc: OperationDoc): MethodDecorator {
  const [status] = doc.answer;
  return applyDecorators(
    HttpCode(status),
    ApiOperation({ summary: doc.summary, ...(doc.description !== undefined && { description: doc.description }) }),
    ApiExtension(
      PROBLEMS_EXTENSION,
      (doc.problems ?? []).map(({ code }) => code),
    ),
    ...responseOf(doc),
  );
}

function responseOf({ answer: [status, description, body], paged, exported }: OperationDoc): MethodDecorator[] {
  if (!body) return [ApiResponse({ status, description })];
  if (!paged && !exported) return [ApiResponse({ status, description, type: body })];
  const schema = paged ? pageSchema(body) : { $ref: getSchemaPath(body) };
  return [
    Exported(paged ? body : entryOf(body)),
    ApiExtraModels(body, PageInfo),
    ApiResponse({ status, description, content: { 'application/json': { schema }, ...EXPORT_CONTENT } }),
  ];
}

function pageSchema(body: Type) {
  return {
    type: 'object' as const,
    required: ['data', 'page'],
    properties: {
      data: {
        type: 'array' as const,
        items: { $ref: getSchemaPath(body) },
        description: 'Entries, newest first.',
      },
      page: { $ref: getSchemaPath(PageInfo) },
    },
  };
}

import { currentContext } from '@app/logging';
import type { AppError, FieldError } from './app-error.js';

export const PROBLEM_JSON = 'application/problem+json';

/** The wire shape of every error, RFC 9457. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Path of the request, without its query. */
  readonly instance: string;
  readonly code: string;
  readonly requestId: string | null;
  /** Where the request or job has a trace, of ours or of its caller. */
  readonly traceId?: string;
  readonly errors?: readonly FieldError[];
  readonly [extension: string]: unknown;
}

export function problemDocument(
  error: AppError,
  request: { readonly instance: string; readonly requestId: string | null },
): ProblemDocument {
  const { code, status, title } = error.problem;
  const traceId = currentContext()?.trace?.position.traceId;
  return {
    type: `/problems/${code}`,
    title,
    status,
    detail: error.detail,
    instance: request.instance,
    code,
    requestId: request.requestId,
    ...(traceId !== undefined && { traceId }),
    ...(error.errors && { errors: error.errors }),
    ...error.extensions,
  };
}

import type { Problem } from './problem.js';

/** A refused part of the input. */
export type FieldError = FieldPlace & { readonly code: string; readonly detail: string };

/** Where: a JSON pointer into the body (RFC 6901), or a named parameter. */
export type FieldPlace =
  { readonly pointer: string } | { readonly in: 'query' | 'path' | 'header'; readonly parameter: string };

export interface AppErrorOptions {
  /** Members added to the problem document, such as `state`. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** Headers added to the answer, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly errors?: readonly FieldError[];
  readonly cause?: unknown;
}

/**
 * An error that consumers may see. Subclasses stand in `<feature>.errors.ts`, one for each problem; the filter turns them
 * into `application/problem+json`. `detail` is sent as it is, so it names nothing internal.
 */
export abstract class AppError extends Error {
  readonly extensions: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly errors: readonly FieldError[] | undefined;

  constructor(
    readonly problem: Problem,
    readonly detail: string,
    options: AppErrorOptions = {},
  ) {
    super(detail, { cause: options.cause });
    this.name = new.target.name;
    this.extensions = options.extensions ?? {};
    this.headers = options.headers ?? {};
    this.errors = options.errors;
  }
}

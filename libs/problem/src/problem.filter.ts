import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { AppLogger, currentContext } from '@app/logging';
import type { Request, Response } from 'express';
import { AppError } from './app-error.js';
import { allowedMethods } from './allowed-methods.js';
import { PROBLEM_JSON, problemDocument } from './problem-document.js';
import {
  InternalError,
  MethodNotAllowedError,
  NotAcceptableError,
  RequestMalformedError,
  RouteNotFoundError,
  ServiceUnavailableError,
  TooLargeError,
  UnsupportedMediaTypeError,
} from './request.errors.js';

/** Recognises an error of a library (a database driver, say) and says what it means to a consumer. */
export type ErrorTranslator = (error: unknown) => AppError | undefined;

/** The one place where errors become answers. What nobody recognises is 500, with its cause in the log alone. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new AppLogger(ProblemFilter.name);

  constructor(private readonly translators: readonly ErrorTranslator[] = []) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const error = this.translate(exception, request);
    this.report(error);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    send(error, request, response);
  }

  private translate(exception: unknown, request: Request): AppError {
    if (exception instanceof AppError) return exception;
    for (const translator of this.translators) {
      const known = translator(exception);
      if (known) return known;
    }
    if (exception instanceof HttpException) return fromHttpStatus(exception.getStatus(), exception, request);
    if (exception instanceof URIError)
      return new RequestMalformedError('The path has a broken percent-encoding.', exception);
    return new InternalError(exception);
  }

  private report(error: AppError): void {
    const { code, status } = error.problem;
    if (status >= 500) this.log.error('request failed', { code, error: error.cause ?? error });
    else if (error.cause !== undefined) this.log.info('request refused', { code, error: error.cause });
  }
}

/**
 * For paths beside the framework's global prefix, which its own handler leaves to Express and its HTML page. Express
 * middleware to mount after every route.
 */
export function answerUnknownPath(request: Request, response: Response): void {
  send(unknownRoute(request), request, response);
}

function send(error: AppError, request: Request, response: Response): void {
  const document = problemDocument(error, {
    instance: pathOf(request),
    requestId: currentContext()?.requestId ?? null,
  });
  response.setHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
  response.status(document.status).type(PROBLEM_JSON).send(JSON.stringify(document));
}

/** What the framework itself throws: its router, its guards, its body reader. */
function fromHttpStatus(status: number, exception: HttpException, request: Request): AppError {
  if (status === 404) return unknownRoute(request);
  if (status === 400) return new RequestMalformedError('The request could not be read.', exception);
  if (status === 406) return new NotAcceptableError(['application/json']);
  if (status === 413) return new TooLargeError();
  if (status === 415) return new UnsupportedMediaTypeError('The body has a media type that is not read here.');
  if (status === 503) return new ServiceUnavailableError(exception);
  return new InternalError(exception);
}

function unknownRoute(request: Request): AppError {
  const methods = allowedMethods(request, pathOf(request));
  return methods.length > 0 ? new MethodNotAllowedError(methods) : new RouteNotFoundError();
}

/** A proxy may send the absolute form, `http://host/path` (RFC 9112 §3.2.2). */
function pathOf(request: Request): string {
  const [target = '/'] = request.originalUrl.split('?', 1);
  return target.replace(/^https?:\/\/[^/]*/i, '') || '/';
}

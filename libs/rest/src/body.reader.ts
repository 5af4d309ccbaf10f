import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  AppError,
  RequestInvalidError,
  RequestMalformedError,
  TooLargeError,
  UnsupportedMediaTypeError,
} from '@app/problem';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { spoolLines } from './lines/line-spooler.js';
import { SpooledBody } from './lines/spooled-body.js';
import { CONSUMES, FORM_TYPE, JSON_TYPE, LINES_TYPE, MERGE_PATCH_TYPE } from './media-types.decorators.js';
import { requireDecodable } from './query-string.js';
import { RestOptions } from './rest-options.js';

const BY_METHOD: Readonly<Record<string, readonly string[]>> = {
  POST: [JSON_TYPE],
  PUT: [JSON_TYPE],
  PATCH: [MERGE_PATCH_TYPE, JSON_TYPE],
};

const ENCODINGS = 'Bodies are UTF-8, plain or gzip, deflate or br encoded.';

/**
 * Reads the body once the caller may call the route: nobody without a token makes the server buffer and parse, and each
 * route takes its own media types. Malformed 400, too large 413, another type 415.
 */
@Injectable()
export class BodyReader {
  private readonly readJson: RequestHandler;
  private readonly readForm: RequestHandler;

  constructor(
    private readonly reflector: Reflector,
    private readonly options: RestOptions,
  ) {
    const common = { limit: options.bodyLimitBytes, type: () => true };
    this.readJson = express.json({ ...common, strict: false, verify: inspect });
    this.readForm = express.urlencoded({ ...common, extended: false, verify: inspectForm });
  }

  /** @returns undefined when the method has no body that anybody would read. */
  read(context: ExecutionContext): Promise<void> | undefined {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const byMethod = BY_METHOD[request.method];
    if (!byMethod) return undefined;
    const consumed = this.reflector.get<string[] | undefined>(CONSUMES, context.getHandler()) ?? byMethod;
    return this.readAs(consumed, request, http.getResponse<Response>());
  }

  /** Once the request is answered, whatever with. */
  async release(context: ExecutionContext): Promise<void> {
    const { body } = context.switchToHttp().getRequest<{ body?: unknown }>();
    if (body instanceof SpooledBody) await body.release();
  }

  private async readAs(consumed: readonly string[], request: Request, response: Response): Promise<void> {
    if (!hasBody(request)) return refuseEmpty(request.method);
    const type = request.is([...consumed]);
    if (type === false || type === null) throw unsupported(request, consumed);
    if (type === LINES_TYPE) {
      request.body = await spoolLines(request, response, this.options.importLimitBytes);
      return;
    }
    if (Number(request.headers['content-length'] ?? 0) > this.options.bodyLimitBytes) {
      response.setHeader('Connection', 'close'); // nobody will read what the caller goes on to send
      throw new TooLargeError(this.options.bodyLimitBytes);
    }
    if (request.headers.expect !== undefined) response.writeContinue();
    await this.parse(type === FORM_TYPE ? this.readForm : this.readJson, request, response);
  }

  private async parse(parser: RequestHandler, request: Request, response: Response): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        void parser(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
      });
    } catch (error) {
      throw readingError(error, this.options.bodyLimitBytes);
    }
  }
}

function hasBody(request: Request): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
}

/** An empty PATCH or PUT changes nothing and is a mistake; an empty POST may be all that a state change needs. */
function refuseEmpty(method: string | undefined): void {
  if (method === 'POST') return;
  throw new RequestInvalidError([{ pointer: '', code: 'object', detail: 'The body must be a JSON object.' }]);
}

function unsupported(request: Request, consumed: readonly string[]): UnsupportedMediaTypeError {
  const header = request.method === 'PATCH' ? 'Accept-Patch' : 'Accept-Post';
  return new UnsupportedMediaTypeError(`This route reads ${consumed.join(' or ')}.`, { [header]: consumed.join(', ') });
}

/** Refuses what body-parser would let pass: UTF-16 and the like, invalid UTF-8, and an empty chunked body as `{}`. */
function inspect({ method }: IncomingMessage, _response: unknown, body: Buffer, charset: string): void {
  if (charset !== 'utf-8') throw new UnsupportedMediaTypeError(ENCODINGS);
  if (body.length === 0) refuseEmpty(method);
  if (!isUtf8(body)) throw new RequestMalformedError('The body is not valid UTF-8.');
}

function inspectForm(request: IncomingMessage, response: unknown, body: Buffer, charset: string): void {
  inspect(request, response, body, charset);
  requireDecodable(body.toString('utf8'), 'body');
}

/** https://github.com/expressjs/body-parser#errors: told apart by `type`. */
function readingError(error: unknown, limitBytes: number): Error {
  if (error instanceof AppError) return error; // from our inspection: body-parser hands it on
  const type: unknown = error instanceof Error ? Reflect.get(error, 'type') : undefined;
  if (type === 'entity.too.large') return new TooLargeError(limitBytes);
  if (type === 'charset.unsupported' || type === 'encoding.unsupported') {
    return new UnsupportedMediaTypeError(ENCODINGS);
  }
  if (type === 'entity.parse.failed') return new RequestMalformedError('The body is not valid JSON.');
  return new RequestMalformedError('The body could not be read to its end.', error);
}

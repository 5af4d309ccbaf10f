import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiExtension } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { type Observable, map } from 'rxjs';
import { etagOf } from './etag.js';
import { Html } from './html.js';
import { Page } from './pagination/page.js';
import { queryStringOf } from './query-string.js';
import { RestOptions } from './rest-options.js';

const LOCATION = 'rest:location';
const CACHE_POLICY = 'rest:cache-policy';
/** True on operations whose answers no cache keeps, until the document is completed. */
export const NO_STORE_EXTENSION = 'x-no-store';

/** 201 answers say where the new resource is: the path after the prefix, made from the body. */
export function CreatedAt<T>(path: (body: T) => string): MethodDecorator {
  return SetMetadata(LOCATION, path);
}

/** For answers that no cache may keep: tokens, health. */
export function NoStore(): MethodDecorator {
  return applyDecorators(SetMetadata(CACHE_POLICY, 'no-store'), ApiExtension(NO_STORE_EXTENSION, true));
}

/**
 * Turns what a controller returns into bytes and the headers that depend on them: ETag, Location, Link, Vary and
 * Cache-Control. Express then answers 304 by itself when `If-None-Match` has the ETag, or is `*`.
 */
@Injectable()
export class RepresentationInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly options: RestOptions,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next
      .handle()
      .pipe(map((body: unknown) => (typeof body === 'object' && body !== null ? this.render(body, context) : body)));
  }

  private render(body: object, context: ExecutionContext): string {
    const isHtml = body instanceof Html;
    const http = context.switchToHttp();
    const [request, response] = [http.getRequest<Request>(), http.getResponse<Response>()];
    const handler = context.getHandler();
    const text = isHtml ? body.text : JSON.stringify(body);
    const policy = this.reflector.get<string | undefined>(CACHE_POLICY, handler) ?? 'private, no-cache';
    response.setHeader('Cache-Control', policy);
    response.setHeader('Vary', body instanceof Page ? 'Authorization, Accept, Prefer' : 'Authorization, Accept');
    if (policy === 'no-store')
      delete request.headers['if-none-match']; // there is nothing that it could name
    else response.setHeader('ETag', etagOf(text));
    if (body instanceof Page) addPageHeaders(body, request, response);
    const location = this.reflector.get<((body: object) => string) | undefined>(LOCATION, handler);
    if (location) response.setHeader('Location', this.options.prefix + location(body));
    response.type(isHtml ? 'html' : 'json');
    return text;
  }
}

/** RFC 8288. Path-absolute, as the server cannot know by which name it was reached. */
function addPageHeaders({ page }: Page<unknown>, request: Request, response: Response): void {
  const link = (cursor: string | null, rel: string): string => {
    const query = new URLSearchParams(queryStringOf(request));
    query.delete('cursor');
    if (cursor !== null) query.set('cursor', cursor);
    return `<${request.path}${query.size > 0 ? `?${query.toString()}` : ''}>; rel="${rel}"`;
  };
  const links = [link(null, 'first'), ...(page.nextCursor === null ? [] : [link(page.nextCursor, 'next')])];
  response.setHeader('Link', links.join(', '));
  if (page.total !== undefined) response.setHeader('Preference-Applied', 'return=total-count');
}

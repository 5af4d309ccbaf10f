import { applyDecorators, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiExtension, ApiHeader } from '@nestjs/swagger';
import type { Request } from 'express';
import { exportOf } from './export/export.js';
import { Batch } from './idempotency/batch.js';
import { Page } from './pagination/page.js';
import { queryStringOf } from './query-string.js';
import { JSON_UTF8, NO_STORE, represent, type Representation, REVALIDATE } from './representation.js';
import { RestOptions } from './rest-options.js';
import { Text } from './text.js';

const LOCATION = 'rest:location';
const ASK_AGAIN = 'rest:ask-again';
const CACHE_POLICY = 'rest:cache-policy';
/** True on operations whose answers no cache keeps, until the document is completed. */
export const NO_STORE_EXTENSION = 'x-no-store';

/** 202 answers say where the work can be asked for, the path after the prefix, made from the body; and when it is worth it. */
export function AcceptedAt<T>(path: (body: T) => string, askAgainS: number): MethodDecorator {
  return applyDecorators(SetMetadata(LOCATION, path), SetMetadata(ASK_AGAIN, String(askAgainS)));
}

/** 201 answers say where the new resource is: the path after the prefix, made from the body. */
export function CreatedAt<T>(path: (body: T) => string): MethodDecorator {
  return applyDecorators(
    SetMetadata(LOCATION, path),
    ApiHeader({
      name: 'Prefer',
      required: false,
      description: '`return=minimal` leaves the body out.',
      example: 'return=representation', // Swagger UI sends it as it stands
      schema: { type: 'string' },
    }),
  );
}

/** For answers that no cache may keep: tokens, health. */
export function NoStore(): MethodDecorator {
  return applyDecorators(SetMetadata(CACHE_POLICY, NO_STORE), ApiExtension(NO_STORE_EXTENSION, true));
}

/**
 * Turns what a controller returns into a {@link Representation}: bytes, and the headers that follow from them. It never
 * touches the response, so that what it makes can be kept, and sent to others, too; `RestAdapter` sends it. Rows become an
 * `Export`, which is made while it is sent and goes to this caller alone.
 */
@Injectable()
export class Renderer {
  constructor(
    private readonly reflector: Reflector,
    private readonly options: RestOptions,
  ) {}

  /** @param value what the controller returned; what is no object, such as nothing, stays as it is. */
  render(value: unknown, context: ExecutionContext): unknown {
    if (typeof value !== 'object' || value === null) return value;
    return exportOf(value, context) ?? this.represent(value, context);
  }

  private represent(value: object, context: ExecutionContext): Representation {
    const handler = context.getHandler();
    const policy = this.reflector.get<string | undefined>(CACHE_POLICY, handler) ?? REVALIDATE;
    const location = this.reflector.get<((body: object) => string) | undefined>(LOCATION, handler);
    const askAgain = location && this.reflector.get<string | undefined>(ASK_AGAIN, handler);
    const isText = value instanceof Text;
    const { body, headers } = represent(isText ? value.text : JSON.stringify(value), {
      type: isText ? value.type : JSON_UTF8,
      policy,
      dependsOnPrefer: value instanceof Page || location !== undefined,
    });
    return {
      body,
      headers: {
        ...headers,
        ...(value instanceof Page && pageHeaders(value, context.switchToHttp().getRequest<Request>())),
        ...(value instanceof Batch && value.headers),
        ...(location && { Location: this.options.prefix + location(value) }),
        ...(askAgain !== undefined && { 'Retry-After': askAgain }),
      },
    };
  }
}

/** RFC 8288. Path-absolute, as the server cannot know by which name it was reached. */
function pageHeaders({ page }: Page<unknown>, request: Request): Record<string, string> {
  const link = (cursor: string | null, rel: string): string => {
    const query = new URLSearchParams(queryStringOf(request));
    query.delete('cursor');
    if (cursor !== null) query.set('cursor', cursor);
    return `<${request.path}${query.size > 0 ? `?${query.toString()}` : ''}>; rel="${rel}"`;
  };
  const links = [link(null, 'first'), ...(page.nextCursor === null ? [] : [link(page.nextCursor, 'next')])];
  return {
    Link: links.join(', '),
    ...(page.total !== undefined && { 'Preference-Applied': 'return=total-count' }),
  };
}

import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { acceptedType } from './accepted-type.js';
import { JSON_TYPE, PRODUCES } from './media-types.decorators.js';

/** The media type of the route's `@Produces()` that the caller likes best; the first when he does not say. */
export const PreferredType = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  const produced: unknown = Reflect.getMetadata(PRODUCES, context.getHandler());
  const types = Array.isArray(produced) ? produced.map(String) : [JSON_TYPE];
  return acceptedType(context.switchToHttp().getRequest<Request>(), types) ?? JSON_TYPE;
});

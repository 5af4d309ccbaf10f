import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { acceptedType } from './accepted-type.js';
import { JSON_TYPE, producedBy } from './media-types.decorators.js';

/** The media type of the route that the caller likes best; the first when he does not say. */
export const PreferredType = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  const request = context.switchToHttp().getRequest<Request>();
  return acceptedType(request, producedBy(context.getHandler())) ?? JSON_TYPE;
});

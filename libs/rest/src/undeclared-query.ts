import type { ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { RequestInvalidError } from '@app/problem';
import type { Request } from 'express';
import { queryStringOf, requireDecodable } from './query-string.js';

/**
 * Refuses a query that cannot be decoded (400), and query parameters on routes that declare none (422); those that do
 * have a DTO that knows its members.
 */
export function refuseUndeclaredQuery(context: ExecutionContext): void {
  const request = context.switchToHttp().getRequest<Request>();
  if (!request.originalUrl.includes('?')) return;
  requireDecodable(queryStringOf(request), 'query');
  const unknown = Object.keys(request.query);
  if (unknown.length === 0 || declaresQuery(context)) return;
  throw new RequestInvalidError(
    unknown.map((parameter) => ({
      in: 'query',
      parameter,
      code: 'unknown_property',
      detail: `${parameter} is not known here.`,
    })),
  );
}

function declaresQuery(context: ExecutionContext): boolean {
  const args: unknown = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name);
  return Object.keys(args ?? {}).some((key) => key.startsWith(`${RouteParamtypes.QUERY}:`));
}

import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Request } from 'express';
import { rowsAsked } from './export/exported.js';
import { Precondition } from './precondition.js';

const ETAG_EXAMPLE = '"ZBXyjOgDrcIcr7yvqZ9hTg"';
const ETAGS = String.raw`^(\*|(W/)?"[!#-~]*"(, *(W/)?"[!#-~]*")*)$`;

/** The {@link Precondition} of a PATCH or DELETE, which must have one. */
export const IfMatch = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => Precondition.parse(header(context, 'if-match'), true),
  [
    documented({
      name: 'If-Match',
      required: true,
      description: 'ETag of the resource as it was read, or `*`.',
      example: ETAG_EXAMPLE,
      pattern: ETAGS,
    }),
  ],
);

/** The {@link Precondition} of a state change, obeyed when it is sent. */
export const OptionalIfMatch = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => Precondition.parse(header(context, 'if-match'), false),
  [
    documented({
      name: 'If-Match',
      required: false,
      description: 'ETag of the resource as it was read; obeyed if sent.',
      example: ETAG_EXAMPLE,
      pattern: ETAGS,
    }),
  ],
);

/** True when the caller asks for the total of a list: `Prefer: return=total-count` (RFC 7240). An export has none. */
export const PrefersTotal = createParamDecorator(
  (_data: unknown, context: ExecutionContext) =>
    prefers(header(context, 'prefer'), 'return', 'total-count') && !rowsAsked(context),
  [
    documented({
      name: 'Prefer',
      required: false,
      description: '`return=total-count` adds `page.total`.',
      example: 'return=total-count',
    }),
  ],
);

/** True when the caller wants as little back as possible: `Prefer: return=minimal` (RFC 7240). */
export const PrefersMinimal = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => prefers(header(context, 'prefer'), 'return', 'minimal'),
  [
    documented({
      name: 'Prefer',
      required: false,
      description: '`return=minimal` leaves what was created out.',
      example: 'return=representation', // Swagger UI sends it as it stands
    }),
  ],
);

function header(context: ExecutionContext, name: string): string | undefined {
  return context.switchToHttp().getRequest<Request>().get(name);
}

/** One element of `Prefer`; commas and semicolons in quotes belong to it. */
const PREFERENCE = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g;
const NAME_AND_VALUE = /^\s*([^\s=;"]+)\s*=\s*(?:"([^"\\]*)"|([^\s;"]*))\s*(?:;|$)/;

/** Of a preference that is given twice, the first counts; unknown and malformed ones are ignored, as the RFC has it. */
export function prefers(preferences: string | undefined, name: string, value: string): boolean {
  const given = (preferences ?? '').match(PREFERENCE) ?? [];
  const named = given.map((one) => NAME_AND_VALUE.exec(one)).find((one) => one?.[1]?.toLowerCase() === name);
  return named ? (named[2] ?? named[3]) === value : false;
}

type Documentation = Parameters<typeof ApiHeader>[0];

function documented({ pattern, ...options }: Documentation & { required: boolean; pattern?: string }) {
  return (target: object, key: string | symbol | undefined): void => {
    const descriptor = key === undefined ? undefined : Object.getOwnPropertyDescriptor(target, key);
    if (key !== undefined && descriptor)
      ApiHeader({ ...options, schema: { type: 'string', ...(pattern !== undefined && { pattern }) } })(
        target,
        key,
        descriptor,
      );
  };
}

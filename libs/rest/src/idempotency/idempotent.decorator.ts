import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiExtension, ApiHeader } from '@nestjs/swagger';
import type { Request } from 'express';
import { KeyRequiredError } from './idempotency.errors.js';
import { KeyedRequest } from './keyed-request.js';

/**
 * - `required`: no key, no effect (400).
 * - `optional`: a request without a key is carried out as ever.
 * - `per-entry`: a batch. The key is required, and the use case runs each entry under a key of its own.
 */
export type Idempotence = 'required' | 'optional' | 'per-entry';

export const IDEMPOTENCE = 'rest:idempotence';
/** True on operations that take a key, until the document is completed. */
export const IDEMPOTENCE_EXTENSION = 'x-idempotent';

/** The route takes an `Idempotency-Key`: repeated with the same one, it answers the same and does nothing more. */
export function Idempotent(idempotence: Idempotence): MethodDecorator {
  return applyDecorators(
    SetMetadata(IDEMPOTENCE, idempotence),
    ApiExtension(IDEMPOTENCE_EXTENSION, true),
    ApiHeader({
      name: 'Idempotency-Key',
      required: idempotence !== 'optional',
      description: 'Names what is to be done once, for 24 hours; a repetition is sent with the same key and body.',
      example: '8e03978e-40d5-43e8-bc93-6894a57f9324',
      schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[ -~]*$' },
    }),
  );
}

/** The {@link KeyedRequest} as a parameter of a controller method; on `@Idempotent('per-entry')` routes. */
export const Keyed = createParamDecorator((_data: unknown, context: ExecutionContext): KeyedRequest => {
  const keyed = KeyedRequest.from(context.switchToHttp().getRequest<Request>());
  if (!keyed) throw new KeyRequiredError();
  return keyed;
});

import { applyDecorators, SetMetadata, UseGuards } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { Deprecation, type DeprecationOptions } from './deprecation.js';
import { DEPRECATION, DeprecationGuard } from './deprecation.guard.js';

/** True on operations that will go, until the document is completed. */
export const DEPRECATION_EXTENSION = 'x-deprecated';

/**
 * The operation will go: its answers say since when, until when and what to use instead, its callers are counted and named
 * in the log, and the document marks it.
 *
 * @throws Error when the class is defined, for dates that make no sense.
 */
export function Deprecated(options: DeprecationOptions): MethodDecorator {
  return applyDecorators(
    SetMetadata(DEPRECATION, Deprecation.of(options)),
    ApiExtension(DEPRECATION_EXTENSION, true),
    UseGuards(DeprecationGuard),
  );
}

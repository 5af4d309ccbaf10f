import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiConsumes } from '@nestjs/swagger';

export const CONSUMES = 'rest:consumes';
export const PRODUCES = 'rest:produces';

export const JSON_TYPE = 'application/json';
export const MERGE_PATCH_TYPE = 'application/merge-patch+json';
export const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Media types of the body that a route reads, where they are not those of its method. */
export const Consumes = (...types: [string, ...string[]]) =>
  applyDecorators(SetMetadata(CONSUMES, types), ApiConsumes(...types));

/** Media types that a route answers in; JSON unless it says so. */
export const Produces = (...types: [string, ...string[]]) => SetMetadata(PRODUCES, types);

import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiConsumes } from '@nestjs/swagger';

export const CONSUMES = 'rest:consumes';
export const PRODUCES = 'rest:produces';
/** Columns of a route whose answer can be had as rows. */
export const ROW_COLUMNS = 'rest:row-columns';

export const JSON_TYPE = 'application/json';
export const MERGE_PATCH_TYPE = 'application/merge-patch+json';
export const FORM_TYPE = 'application/x-www-form-urlencoded';
export const CSV_TYPE = 'text/csv';
/** One JSON value on each line. Routes that read it get a `SpooledBody`. */
export const LINES_TYPE = 'application/x-ndjson';

export const EVENTS_TYPE = 'text/event-stream';

/** Media types of the body that a route reads, where they are not those of its method. */
export const Consumes = (...types: [string, ...string[]]) =>
  applyDecorators(SetMetadata(CONSUMES, types), ApiConsumes(...types));

/** Media types that a route answers in; JSON unless it says so. Those of an export come on top. */
export const Produces = (...types: [string, ...string[]]) => SetMetadata(PRODUCES, types);

/** Media types that a handler answers in, the usual one first. */
export function producedBy(handler: object): readonly string[] {
  const own: string[] = Reflect.getMetadata(PRODUCES, handler) ?? [JSON_TYPE];
  return Reflect.hasMetadata(ROW_COLUMNS, handler) ? [...own, CSV_TYPE, LINES_TYPE] : own;
}

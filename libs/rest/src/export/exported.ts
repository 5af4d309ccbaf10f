import { type ExecutionContext, SetMetadata, type Type } from '@nestjs/common';
import { DECORATORS } from '@nestjs/swagger';
import type { Request } from 'express';
import { acceptedType } from '../accepted-type.js';
import { CSV_TYPE, LINES_TYPE, producedBy, ROW_COLUMNS } from '../media-types.decorators.js';
import { CSV } from './csv.js';
import { NDJSON } from './ndjson.js';
import type { RowFormat } from './row-format.js';

const FORMATS: ReadonlyMap<string | undefined, RowFormat> = new Map([
  [CSV_TYPE, CSV],
  [LINES_TYPE, NDJSON],
]);

/** How the rows of a route are to be written for a caller. */
export interface RowsAsked {
  readonly format: RowFormat;
  /** Known before there is a row. */
  readonly columns: readonly string[];
}

/**
 * The answer of a route can be had as CSV and NDJSON: all rows of the list when the handler returns a `Page`, those of
 * `data` when it returns any other object. `@Operation()` sets it, by `paged` or `exported`.
 *
 * @param entry DTO of a row: its documented members are the columns.
 * @throws Error when it has none.
 */
export function Exported(entry: Type): MethodDecorator {
  const columns = membersOf(entry);
  if (columns.length === 0) throw new Error(`${entry.name} has no documented members to make columns of`);
  return SetMetadata(ROW_COLUMNS, columns);
}

/** DTO of the rows in `data` of this body. @throws Error when it says of `data` no list of a class. */
export function entryOf(body: Type): Type {
  const data: unknown = Reflect.getMetadata(DECORATORS.API_MODEL_PROPERTIES, prototypeOf(body), 'data');
  const { type, isArray } = Object(data);
  if (isArray === true && isClass(type)) return type;
  throw new Error(`${body.name} has no member data that is documented as a list of a class`);
}

/** Undefined when the caller takes the answer as JSON, or as whatever else the route has. */
export function rowsAsked(context: ExecutionContext): RowsAsked | undefined {
  const columns: string[] | undefined = Reflect.getMetadata(ROW_COLUMNS, context.getHandler());
  if (!columns) return undefined;
  const request = context.switchToHttp().getRequest<Request>();
  const format = FORMATS.get(acceptedType(request, producedBy(context.getHandler())));
  return format && { format, columns };
}

/** With those of the classes that it extends first. */
function membersOf(entry: Type): string[] {
  const members: readonly string[] =
    Reflect.getMetadata(DECORATORS.API_MODEL_PROPERTIES_ARRAY, prototypeOf(entry)) ?? [];
  return members.map((name) => name.slice(1)); // stored as `:name`
}

function prototypeOf({ prototype }: { readonly prototype: object }): object {
  return prototype;
}

function isClass(type: unknown): type is Type {
  return typeof type === 'function' && type.prototype !== undefined;
}

import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, ValidateNested } from 'class-validator';
import { type FieldOptions, allowAbsence, documented } from './field-options.js';
import { parseInstant } from './instant.js';
import { rule } from './text.field.js';

export interface IntegerOptions extends FieldOptions {
  readonly example: number;
  readonly min: number;
  readonly max: number;
  /** The value arrives as text: in a query. */
  readonly fromText?: boolean;
  readonly default?: number;
}

/** A whole number from `min` to `max`. */
export function IntegerField(options: IntegerOptions): PropertyDecorator {
  const { min, max, example, fromText = false } = options;
  const within = (value: unknown): boolean =>
    Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;
  return applyDecorators(
    ApiProperty({
      ...documented(options),
      type: 'integer',
      example,
      minimum: min,
      maximum: max,
      ...(max > 2_147_483_647 && { format: 'int64' }),
      ...(options.default !== undefined && { default: options.default }),
    }),
    ...(fromText ? [Transform(({ value }: { value: unknown }) => digits(value))] : []),
    allowAbsence(options),
    rule('integer', within, `$property must be a whole number from ${min} to ${max}`),
  );
}

export interface OneOfOptions extends FieldOptions {
  readonly values: readonly string[];
  readonly example: string;
  /** Name of the schema that fields with these values share. */
  readonly enumName?: string;
}

/** One of the listed words, in this case. */
export function OneOfField(options: OneOfOptions): PropertyDecorator {
  const { values, example, enumName } = options;
  return applyDecorators(
    ApiProperty({ ...documented(options), enum: [...values], example, ...(enumName !== undefined && { enumName }) }),
    allowAbsence(options),
    rule('one_of', (value) => values.some((known) => known === value), `$property must be one of ${values.join(', ')}`),
  );
}

export function BooleanField(options: FieldOptions & { readonly example: boolean }): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ ...documented(options), type: Boolean, example: options.example }),
    allowAbsence(options),
    IsBoolean(),
  );
}

/** An RFC 3339 instant, or a bare date for its midnight UTC; becomes a `Date`. */
export function InstantField(options: FieldOptions & { readonly example: string }): PropertyDecorator {
  return applyDecorators(
    ApiProperty({
      ...documented(options),
      description: `${options.description} RFC 3339; a bare date is its midnight UTC.`,
      type: String,
      format: 'date-time',
      example: options.example,
    }),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? (parseInstant(value) ?? value) : value)),
    allowAbsence(options),
    rule(
      'instant',
      (value) => value instanceof Date,
      '$property must be an RFC 3339 time, such as 2026-01-31T12:00:00Z',
    ),
  );
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

/** Any UUID, of whatever version. */
export function IdField(options: FieldOptions & { readonly example: string }): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ ...documented(options), type: String, format: 'uuid', example: options.example }),
    allowAbsence(options),
    rule('uuid', isUuid, '$property must be a UUID'),
  );
}

export interface ListOptions extends FieldOptions {
  readonly min: number;
  readonly max: number;
  /** The class of each entry; each entry is validated by its rules. */
  readonly of: new () => object;
  /** Member in which no two entries may agree. */
  readonly uniqueBy?: string;
}

/** An array of `min` to `max` objects. */
export function ListField(options: ListOptions): PropertyDecorator {
  const { min, max, of, uniqueBy } = options;
  return applyDecorators(
    ApiProperty({ ...documented(options), type: of, isArray: true, minItems: min, maxItems: max }),
    Type(() => of),
    allowAbsence(options),
    IsArray({ message: '$property must be an array' }),
    ArrayMinSize(min, { message: `$property must have ${min} to ${max} entries` }),
    ArrayMaxSize(max, { message: `$property must have ${min} to ${max} entries` }),
    ...(uniqueBy === undefined
      ? []
      : [rule('unique', (list) => isUnique(list, uniqueBy), `$property must name each ${uniqueBy} once`)]),
    ValidateNested({ each: true, message: 'each entry of $property must be an object' }),
  );
}

function isUnique(list: unknown, member: string): boolean {
  if (!Array.isArray(list)) return false;
  const seen = list.map((entry: unknown) =>
    typeof entry === 'object' && entry !== null ? Reflect.get(entry, member) : entry,
  );
  return new Set(seen).size === seen.length;
}

function digits(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
}

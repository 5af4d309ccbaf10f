import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { isEmail, ValidateBy } from 'class-validator';
import { type FieldOptions, allowAbsence, documented } from './field-options.js';

export interface TextOptions extends FieldOptions {
  readonly example: string;
  /** Characters (code points) after trimming, at least; 1 unless given. */
  readonly min?: number;
  /** Characters (code points) after trimming, at most. */
  readonly max: number;
  readonly pattern?: RegExp;
  /** For the document alone: `password` hides the value in forms. */
  readonly format?: string;
  /** Secrets are taken to the letter. */
  readonly verbatim?: boolean;
}

const MAX_EMAIL = 254;
/** What the document's `format: email` has: ASCII, and no quoted name. */
const ADDRESS = /^[\x21\x23-\x7e]+$/;

/** In the document: what is left after trimming has a character, and none is NUL. */
const NOT_BLANK = '^[^\\x00]*[^\\s\\x00][^\\x00]*$';

/** A string: trimmed, not blank, of the given length, without NUL (PostgreSQL has none) and without half a surrogate pair. */
export function TextField(options: TextOptions): PropertyDecorator {
  const { min = 1, max, pattern, format, example } = options;
  return applyDecorators(
    ApiProperty({
      ...documented(options),
      type: String,
      example,
      minLength: min,
      maxLength: max,
      pattern: pattern?.source ?? (options.verbatim ? `^[^\\x00]{${min},${max}}$` : NOT_BLANK),
      ...(format !== undefined && { format }),
    }),
    ...(options.verbatim ? [] : [Transform(({ value }: { value: unknown }) => trimmed(value))]),
    allowAbsence(options),
    rule('text', (value) => isText(value, min, max), `$property must be a text of ${min} to ${max} characters`),
    ...(pattern
      ? [rule('pattern', (value) => pattern.test(String(value)), `$property must match ${pattern.source}`)]
      : []),
  );
}

/** An email address of at most 254 characters; its case is kept. */
export function EmailField(options: FieldOptions & { readonly example: string }): PropertyDecorator {
  return applyDecorators(
    ApiProperty({
      ...documented(options),
      type: String,
      format: 'email',
      example: options.example,
      maxLength: MAX_EMAIL,
    }),
    Transform(({ value }: { value: unknown }) => trimmed(value)),
    allowAbsence(options),
    rule(
      'email',
      (value) => isText(value, 1, MAX_EMAIL) && ADDRESS.test(value) && isEmail(value),
      '$property must be an email address',
    ),
  );
}

function isText(value: unknown, min: number, max: number): value is string {
  if (typeof value !== 'string' || value.trim() === '' || value.includes('\0') || !value.isWellFormed()) return false;
  const length = value.length > 2 * max ? value.length : [...value].length; // a code point has one or two units
  return length >= min && length <= max;
}

function trimmed(value: unknown): unknown {
  return typeof value === 'string' ? value.trim() : value;
}

export function rule(name: string, validate: (value: unknown) => boolean, message: string): PropertyDecorator {
  return ValidateBy({ name, validator: { validate, defaultMessage: () => message } });
}

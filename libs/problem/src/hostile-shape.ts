import type { FieldError } from './app-error.js';
import { pointerTo, unknownProperty } from './field-errors.js';
import { RequestInvalidError } from './request.errors.js';

/** Deeper than any DTO; bounds the recursion of everything that walks a body. */
const MAX_DEPTH = 16;
/** What every object inherits (`__proto__`, `constructor`, `toString`, …): class-transformer drops members named so. */
const INHERITED = new Set(Object.getOwnPropertyNames(Object.prototype));

/**
 * Refuses what the transformation to a DTO would alter in silence: a body that is no object, members named like those
 * that every object inherits, an array in an array (class-validator looks through it), nesting without end.
 *
 * @throws RequestInvalidError
 */
export function refuseHostileBody(body: unknown): void {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw refuse([], { code: 'object', detail: 'The body must be a JSON object.' });
  }
  walk(body, []);
}

/**
 * The same for a query: repeated parameters, because which of them counts would be a guess, and inherited names.
 *
 * @throws RequestInvalidError
 */
export function refuseHostileQuery(query: unknown): void {
  const errors = Object.entries(query ?? {}).flatMap(([parameter, value]): FieldError[] => {
    if (typeof value !== 'string') {
      return [{ in: 'query', parameter, code: 'repeated', detail: `${parameter} is given more than once.` }];
    }
    return INHERITED.has(parameter) ? [{ in: 'query', parameter, ...unknownProperty(parameter) }] : [];
  });
  if (errors.length > 0) throw new RequestInvalidError(errors);
}

function walk(value: object, path: readonly string[]): void {
  if (path.length >= MAX_DEPTH) {
    throw refuse([], { code: 'depth', detail: `The body is nested deeper than ${MAX_DEPTH} levels.` });
  }
  const entries: [string, unknown][] = Object.entries(value);
  for (const [key, member] of entries) {
    const place = [...path, key];
    if (INHERITED.has(key)) throw refuse(place, unknownProperty(key));
    if (typeof member !== 'object' || member === null) continue;
    if (Array.isArray(value) && Array.isArray(member)) {
      throw refuse(place, { code: 'nested_array', detail: 'An array stands directly in an array.' });
    }
    walk(member, place);
  }
}

function refuse(path: readonly string[], reason: { code: string; detail: string }): RequestInvalidError {
  return new RequestInvalidError([{ pointer: pointerTo(path), ...reason }]);
}

import { RequestInvalidError } from './request.errors.js';

/** Deeper than any DTO; bounds the recursion of everything that walks a body. */
const MAX_DEPTH = 16;
/** Members that JSON may carry but that an object copy would drop, or take for its prototype. */
const HIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Refuses what the transformation to a DTO would alter in silence: a body that is no object, members that touch the
 * prototype, nesting without end.
 *
 * @throws RequestInvalidError
 */
export function refuseHostileShape(body: unknown): void {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw refuse('', 'object', 'The body must be a JSON object.');
  }
  walk(body, '', 1);
}

function walk(value: unknown, pointer: string, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw refuse('', 'depth', `The body is nested deeper than ${MAX_DEPTH} levels.`);
  for (const [key, member] of Object.entries(value)) {
    const place = `${pointer}/${key}`;
    if (HIDDEN.has(key)) throw refuse(place, 'unknown_property', `${key} is not a known property.`);
    walk(member, place, depth + 1);
  }
}

function refuse(pointer: string, code: string, detail: string): RequestInvalidError {
  return new RequestInvalidError([{ pointer, code, detail }]);
}

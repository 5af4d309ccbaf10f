import type { ValidationError } from 'class-validator';
import type { FieldError } from './app-error.js';

export type { FieldError } from './app-error.js';

/** class-validator's tree of errors as a flat list, each with a JSON pointer or the name of its query parameter. */
export function fieldErrors(errors: readonly ValidationError[], source: 'body' | 'query'): FieldError[] {
  return errors.flatMap((error) => flatten(error, [], source));
}

function flatten(error: ValidationError, above: readonly string[], source: 'body' | 'query'): FieldError[] {
  const path = [...above, error.property];
  const own = Object.entries(error.constraints ?? {}).map(([constraint, message]) => ({
    ...place(path, source),
    ...wording(constraint, message, error.property),
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => flatten(child, path, source))];
}

/** JSON pointer to a member of the body (RFC 6901). */
export function pointerTo(path: readonly string[]): string {
  return path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** How a member that the route does not have is refused. */
export function unknownProperty(property: string): { code: string; detail: string } {
  return { code: 'unknown_property', detail: `${property} is not known here.` };
}

function place(path: readonly string[], source: 'body' | 'query') {
  return source === 'query' ? { in: 'query' as const, parameter: path.join('.') } : { pointer: pointerTo(path) };
}

function wording(constraint: string, message: string, property: string): { code: string; detail: string } {
  if (constraint === 'whitelistValidation') return unknownProperty(property);
  const code = constraint.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return { code, detail: message.endsWith('.') ? message : `${message}.` };
}

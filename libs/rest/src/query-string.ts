import { RequestMalformedError } from '@app/problem';
import type { Request } from 'express';

/** What stands after the first `?`, as it was sent. */
export function queryStringOf({ originalUrl }: Request): string {
  const at = originalUrl.indexOf('?');
  return at < 0 ? '' : originalUrl.slice(at + 1);
}

/**
 * Parsers take broken sequences to the letter and put U+FFFD for what is not UTF-8: the route would act on something
 * that nobody sent.
 *
 * @param place where the text stands, for the caller: `query`.
 * @throws RequestMalformedError 400 for a broken percent-encoding, or one of invalid UTF-8.
 */
export function requireDecodable(text: string, place: string): void {
  try {
    decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) throw new RequestMalformedError(`The ${place} has a broken percent-encoding.`);
    throw error;
  }
}

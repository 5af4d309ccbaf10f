import type { NextFunction, Request, Response } from 'express';
import { UriTooLongError } from './rest.errors.js';

/** Refuses URLs of more bytes, path and query together, before anything looks at them (414). */
export function limitUrl(maxBytes: number) {
  return ({ originalUrl }: Request, _response: Response, next: NextFunction): void => {
    next(originalUrl.length > maxBytes ? new UriTooLongError(maxBytes) : undefined); // it is ASCII: a byte a character
  };
}

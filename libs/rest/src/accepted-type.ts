import type { Request } from 'express';
import { CSV_TYPE } from './media-types.decorators.js';

/** All our texts are UTF-8: who asks for that by name asks for the same. */
const WITH_CHARSET = '; charset=utf-8';
/** RFC 4180 §3. */
const WITH_HEADER = `${WITH_CHARSET}; header=present`;

/** The one of `produced` that the caller likes best; the first when he does not say, undefined when he takes none. */
export function acceptedType(request: Request, produced: readonly string[]): string | undefined {
  if (takesAnything(request)) return produced[0];
  const best = request.accepts([...produced, ...produced.map((type) => type + parametersOf(type))]);
  return typeof best === 'string' ? best.split(';', 1)[0] : undefined;
}

/** Most programs do: it need not be parsed. */
function takesAnything({ headers: { accept } }: Request): boolean {
  return accept === undefined || accept === '*/*';
}

function parametersOf(type: string): string {
  return type === CSV_TYPE ? WITH_HEADER : WITH_CHARSET;
}

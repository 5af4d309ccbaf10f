import type { Request } from 'express';

/** Our JSON and our pages are UTF-8: who asks for that by name asks for the same. */
const WITH_CHARSET = '; charset=utf-8';

/** The one of `produced` that the caller likes best; the first when he does not say, undefined when he takes none. */
export function acceptedType(request: Request, produced: readonly string[]): string | undefined {
  const best = request.accepts([...produced, ...produced.map((type) => type + WITH_CHARSET)]);
  return typeof best === 'string' ? best.replace(WITH_CHARSET, '') : undefined;
}

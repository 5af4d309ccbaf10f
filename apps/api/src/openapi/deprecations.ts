import type { HeaderObject, HeadersObject, OperationObject } from './open-api.types.js';

const SAID: HeadersObject = {
  Deprecation: always('Since when the operation should not be used any more (RFC 9745).', '@1767225600'),
  Sunset: always('When the operation goes (RFC 8594).', 'Fri, 01 Jan 2027 00:00:00 GMT'),
  Link: always('Page that says what to use instead, as `rel="deprecation"`.', '</docs>; rel="deprecation"'),
};

/** An operation that will go is marked, and its own answers say until when it stays. */
export function markDeprecated(operation: OperationObject): void {
  operation.deprecated = true;
  for (const [status, response] of Object.entries(operation.responses)) {
    if (!response || '$ref' in response) continue;
    operation.responses[status] = { ...response, headers: { ...SAID, ...response.headers } };
  }
}

function always(description: string, example: string): HeaderObject {
  return { description, required: true, schema: { type: 'string' }, example };
}

import type { HeaderObject, HeadersObject } from './open-api.types.js';

const REQUEST_ID = 'e9b7fca3-6f5c-4c52-a1b9-4a0b5f3f0f52';

/** Response headers, described once for the operations that send them. */
export const SHARED_HEADERS = {
  'X-Request-ID': always('The id of the request, as sent or as given.', REQUEST_ID),
  'Server-Timing': sometimes('Time in the database and in all.', 'db;dur=1.2;desc="2 queries", app;dur=3.4'),
  ETag: always('Strong entity tag of the body.', '"ZBXyjOgDrcIcr7yvqZ9hTg"'),
  'Cache-Control': always('Whether and how the answer may be kept.', 'private, no-cache'),
  Vary: always('Request headers that the answer depends on.', 'Authorization, Accept'),
  Location: always('Path of the new resource.', '/api/v1/orders/01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11'),
  Link: always('First and next page (RFC 8288).', '</api/v1/orders?limit=20>; rel="first"'),
  'Preference-Applied': sometimes('Sent when the total was asked for.', 'return=total-count'),
  'WWW-Authenticate': always('How to authenticate (RFC 6750).', 'Bearer error="invalid_token"'),
  'Retry-After': sometimes('Seconds to wait.', '1'),
  'Accept-Post': sometimes('Media types that the route reads.', 'application/json'),
  'Accept-Patch': sometimes(
    'Media types that the route reads (RFC 5789).',
    'application/merge-patch+json, application/json',
  ),
} as const satisfies Record<string, HeaderObject>;

/** References to headers: those of every answer, and the named ones. */
export function headers(...names: (keyof typeof SHARED_HEADERS)[]): HeadersObject {
  const all = ['X-Request-ID', 'Server-Timing', ...names];
  return Object.fromEntries(all.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function always(description: string, example: string) {
  return { description, required: true, schema: { type: 'string' as const }, example };
}

function sometimes(description: string, example: string) {
  return { ...always(description, example), required: false };
}

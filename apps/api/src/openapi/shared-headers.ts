import type { HeaderObject, HeadersObject } from './open-api.types.js';

const REQUEST_ID = 'e9b7fca3-6f5c-4c52-a1b9-4a0b5f3f0f52';

/** Response headers, described once for the operations that send them. */
export const SHARED_HEADERS = {
  'X-Request-ID': always('The id of the request, as sent or as given.', REQUEST_ID),
  'Server-Timing': sometimes('Time in the database and in all.', 'db;dur=1.2;desc="2 queries", app;dur=3.4'),
  ETag: always('Strong entity tag of the body.', '"ZBXyjOgDrcIcr7yvqZ9hTg"'),
  'Cache-Control': always('Whether and how the answer may be kept.', 'private, no-cache'),
  'Cache-Status': sometimes('Whether the answer was kept (RFC 9211).', 'plinth; hit; detail=L1'),
  Vary: always('Request headers that the answer depends on.', 'Authorization, Accept'),
  Location: always('Path of the new resource.', '/api/v1/orders/01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11'),
  Link: sometimes('First and next page (RFC 8288); an export has none.', '</api/v1/orders?limit=20>; rel="first"'),
  'Content-Disposition': sometimes('Name for the file of an export (RFC 6266).', 'attachment; filename="orders.csv"'),
  'Preference-Applied': sometimes('The part of `Prefer` that was heeded (RFC 7240).', 'return=minimal'),
  'Idempotent-Replayed': sometimes('Sent when the answer is that of an earlier request with the key.', 'true'),
  'WWW-Authenticate': always('How to authenticate (RFC 6750).', 'Bearer error="invalid_token"'),
  'RateLimit-Policy': always('The policy that `RateLimit` tells of: its quota and window.', '"default";q=100;w=60'),
  RateLimit: always(
    'What is left, and the seconds until something is free again or, while something is left, until all is.',
    '"default";r=42;t=60',
  ),
  'X-RateLimit-Limit': count('The quota.', 100),
  'X-RateLimit-Remaining': count('What is left of it.', 42),
  'X-RateLimit-Reset': count('The seconds `t` of `RateLimit`, from now.', 60),
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

/** Of every answer that a limit has counted. */
export function limitHeaders(): HeadersObject {
  return headers('RateLimit-Policy', 'RateLimit', 'X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset');
}

/** Where the header is never missing, though on other answers it may be. */
export function required(name: keyof typeof SHARED_HEADERS): HeadersObject {
  return { [name]: { ...SHARED_HEADERS[name], required: true } };
}

/** Where the header may be missing, though elsewhere it never is. */
export function optional(name: keyof typeof SHARED_HEADERS): HeadersObject {
  return { [name]: { ...SHARED_HEADERS[name], required: false } };
}

function count(description: string, example: number) {
  return { description, required: true, schema: { type: 'integer' as const, minimum: 0 }, example };
}

function always(description: string, example: string) {
  return { description, required: true, schema: { type: 'string' as const }, example };
}

function sometimes(description: string, example: string) {
  return { ...always(description, example), required: false };
}

/** What pages of other origins may read of an answer, beside what every browser shows them. */
const EXPOSED = [
  'ETag',
  'Link',
  'Location',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Request-ID',
  'Cache-Status',
  'Idempotent-Replayed',
  'Content-Disposition',
  'Preference-Applied',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'Deprecation',
  'Sunset',
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
/** Browsers ask again after this at the latest. */
const PREFLIGHT_KEPT_S = 600;

/**
 * For Nest's `enableCors`: pages of these origins may call, with a token, without cookies. Others are answered as ever and
 * their browser keeps the answer from them; their preflights are no route (405, 404).
 */
export function crossOrigin(origins: readonly string[]) {
  return {
    origin: [...origins],
    methods: METHODS,
    exposedHeaders: EXPOSED,
    maxAge: PREFLIGHT_KEPT_S,
    credentials: false,
  };
}

import { OAuthError } from './oauth.error.js';

/** What a request to the token endpoint asks for. */
export type Grant = { readonly refreshToken: string } | { readonly username: string; readonly password: string };

/**
 * Reads a token request, form or JSON, as RFC 6749 §4.3 and §6 have it; unknown fields are ignored.
 *
 * @throws OAuthError invalid_request for a missing, empty or repeated field, unsupported_grant_type.
 */
export function readGrant(body: unknown): Grant {
  const grantType = field(body, 'grant_type');
  if (grantType === 'refresh_token') return { refreshToken: field(body, 'refresh_token') };
  if (grantType === 'password') return { username: field(body, 'username').trim(), password: field(body, 'password') };
  throw new OAuthError('unsupported_grant_type', 'grant_type must be password or refresh_token.');
}

/** @throws OAuthError invalid_request */
export function readToken(body: unknown): string {
  return field(body, 'token');
}

function field(body: unknown, name: string): string {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw new OAuthError('invalid_request', `${name} is missing, or not given exactly once.`);
}

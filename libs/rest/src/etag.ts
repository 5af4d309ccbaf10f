import { hash } from 'node:crypto';

/**
 * Strong entity tag of a JSON body (RFC 9110 §8.8.3): equal exactly when the bytes are equal. A resource carries its row
 * version in the body, so each save gives another tag.
 */
export function etagOf(json: string): string {
  return `"${hash('sha256', json, 'base64url').slice(0, 22)}"`;
}

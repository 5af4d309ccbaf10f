import { hash, randomUUID } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * Equal for bodies that mean the same: the order of members, blanks and the spelling of numbers do not count (RFC 8785). An
 * absent member and `null` differ, and so do no body and `{}`.
 *
 * @param body parsed JSON; undefined for none.
 */
export function fingerprintOf(body: unknown): string {
  return hash('sha256', canonical(body), 'base64url');
}

/** A body that has no canonical form (half a surrogate pair, 1e999) is like no other; no rule of input lets it pass. */
function canonical(body: unknown): string {
  try {
    return canonicalize(body) ?? '';
  } catch {
    return randomUUID();
  }
}

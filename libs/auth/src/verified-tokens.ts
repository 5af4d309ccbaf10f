import { LRUCache } from 'lru-cache';
import type { AccessClaims } from './caller.js';

const MAX_TOKENS = 10_000;
/** Together, in characters. A longer one than {@link MAX_LENGTH} is verified each time. */
const MAX_SIZE = 8_000_000;
const MAX_LENGTH = 2_000;
const SECOND_MS = 1_000;

/**
 * Tokens whose signature and claims were found good, until they expire. Whoever sends the same bytes again need not be
 * verified again; whether his session still lives is asked each time.
 */
export class VerifiedTokens {
  private readonly claims = new LRUCache<string, AccessClaims>({
    max: MAX_TOKENS,
    maxSize: MAX_SIZE,
    sizeCalculation: (_claims, token) => token.length,
  });

  find(token: string): AccessClaims | undefined {
    const claims = this.claims.get(token);
    return claims && Date.now() < claims.exp * SECOND_MS ? claims : undefined;
  }

  remember(token: string, claims: AccessClaims): void {
    if (token.length <= MAX_LENGTH) this.claims.set(token, claims);
  }
}

import { hash, randomBytes } from 'node:crypto';

const SECOND_MS = 1_000;
export const ACCESS_TOKEN_S = 30 * 60;
export const REFRESH_TOKEN_MS = 30 * 24 * 3_600 * SECOND_MS;
/** Tabs that refresh at the same time all hold the same token: it may be used again for so long. */
export const GRACE_MS = 10 * SECOND_MS;

/** @returns 256 random bits, base64url. */
export function newRefreshToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of a refresh token. It is random, so that a fast hash protects it. */
export function refreshTokenHash(token: string): string {
  return hash('sha256', token, 'base64url');
}

export interface TokenState {
  readonly spentAt: Date | null;
  readonly expiresAt: Date;
  /** Whether a token issued for this one is still unspent. */
  readonly hasUnspentSuccessor: boolean;
}

/**
 * What using a refresh token means. A spent one is tolerated for {@link GRACE_MS} while it is the one before the current
 * (RFC 9700 §4.14.2 asks to detect reuse; the grace is for parallel tabs); after that somebody has a copy.
 */
export function judgeRefresh(token: TokenState, now: Date): 'rotate' | 'expired' | 'reused' {
  if (token.spentAt === null) return token.expiresAt <= now ? 'expired' : 'rotate';
  const inGrace = now.getTime() - token.spentAt.getTime() <= GRACE_MS;
  return inGrace && token.hasUnspentSuccessor ? 'rotate' : 'reused';
}

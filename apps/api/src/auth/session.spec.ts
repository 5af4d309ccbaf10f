import { describe, expect, it } from '@jest/globals';
import { GRACE_MS, judgeRefresh, newRefreshToken, refreshTokenHash } from './session.js';

const NOW = new Date('2026-01-31T12:00:00.000Z');
const at = (offsetMs: number): Date => new Date(NOW.getTime() + offsetMs);

describe('judgeRefresh', () => {
  it.each<[string, { spent?: number; expires?: number; successor?: boolean }, 'rotate' | 'expired' | 'reused']>([
    ['unspent', {}, 'rotate'],
    ['unspent, a millisecond left', { expires: 1 }, 'rotate'],
    ['unspent, at its end', { expires: 0 }, 'expired'],
    ['unspent, past its end', { expires: -1 }, 'expired'],
    ['spent just now, its successor unspent', { spent: 0, successor: true }, 'rotate'],
    ['spent 10 s ago, its successor unspent', { spent: -GRACE_MS, successor: true }, 'rotate'],
    ['spent longer ago, its successor unspent', { spent: -GRACE_MS - 1, successor: true }, 'reused'],
    ['spent just now, its successor spent', { spent: 0, successor: false }, 'reused'],
    ['spent long ago and expired', { spent: -GRACE_MS * 9, expires: -1, successor: false }, 'reused'],
  ])('%s → %p', (_situation, { spent, expires = 1_000, successor = false }, verdict) => {
    const token = {
      spentAt: spent === undefined ? null : at(spent),
      expiresAt: at(expires),
      hasUnspentSuccessor: successor,
    };
    expect(judgeRefresh(token, NOW)).toBe(verdict);
  });

  it('the grace → 10 s', () => {
    expect(GRACE_MS).toBe(10_000);
  });
});

describe('refresh tokens', () => {
  it('new ones → 256 bits each, never twice', () => {
    const tokens = Array.from({ length: 1_000 }, newRefreshToken);
    expect(new Set(tokens).size).toBe(1_000);
    expect(new Set(tokens.map((token) => Buffer.from(token, 'base64url').length))).toEqual(new Set([32]));
  });

  it('what is stored → SHA-256', () => {
    expect(refreshTokenHash('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
  });
});

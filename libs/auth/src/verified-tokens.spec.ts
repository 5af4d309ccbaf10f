import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { VerifiedTokens } from './verified-tokens.js';

const NOW_S = 1_767_225_600;

beforeEach(() => {
  jest.useFakeTimers({ now: NOW_S * 1_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

function claims(exp: number) {
  return { sub: 'u1', sid: 's1', roles: ['customer'], exp };
}

describe('a verified token', () => {
  it('the same bytes → its claims; other bytes → none', () => {
    const tokens = new VerifiedTokens();
    tokens.remember('a.b.c', claims(NOW_S + 60));
    expect([tokens.find('a.b.c')?.sub, tokens.find('a.b.d')]).toEqual(['u1', undefined]);
  });

  it.each([
    [59, 'u1'],
    [60, undefined],
    [61, undefined],
  ])('valid for 60 s, %i s later → %s', (later, sub) => {
    const tokens = new VerifiedTokens();
    tokens.remember('a.b.c', claims(NOW_S + 60));
    jest.setSystemTime((NOW_S + later) * 1_000);
    expect(tokens.find('a.b.c')?.sub).toBe(sub);
  });

  it('longer than any of ours → is not remembered', () => {
    const tokens = new VerifiedTokens();
    const long = 'x'.repeat(2_001);
    tokens.remember(long, claims(NOW_S + 60));
    expect(tokens.find(long)).toBeUndefined();
  });
});

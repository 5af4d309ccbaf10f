import { describe, expect, it } from '@jest/globals';
import { Caller } from './caller.js';

const claims = { sub: 'me', sid: 's', exp: 4_102_444_800, roles: ['customer', 'analyst'] };

describe('Caller', () => {
  it.each<[string, string[], string, boolean]>([
    ['the owner', [], 'me', true],
    ['a stranger', [], 'you', false],
    ['a stranger with a role of the rule', ['admin', 'analyst'], 'you', true],
    ['a stranger without the role of the rule', ['admin'], 'you', false],
    ['somebody whose id begins alike', [], 'me2', false],
  ])('mayAccess for %s', (_who, overriding, owner, may) => {
    expect(new Caller(claims, overriding).mayAccess(owner)).toBe(may);
  });

  it('before and after mayAccess → whether it was asked', () => {
    const caller = new Caller(claims);
    expect(caller.ownershipChecked).toBe(false);
    caller.mayAccess('you');
    expect(caller.ownershipChecked).toBe(true);
  });

  it('roles → held or not, one of several or none', () => {
    const caller = new Caller(claims);
    expect([caller.has('analyst'), caller.has('admin'), caller.has('analys')]).toEqual([true, false, false]);
    expect([caller.hasAny(['admin', 'analyst']), caller.hasAny(['admin']), caller.hasAny([])]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

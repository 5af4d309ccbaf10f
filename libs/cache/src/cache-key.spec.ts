import { describe, expect, it } from '@jest/globals';
import { newRequestContext, runInContext } from '@app/logging';
import { methodKey, routeKey, scopeKey } from './cache-key.js';

describe('a route', () => {
  it.each([
    ['/orders?b=2&a=1', '/orders?a=1&b=2', 'the same: one order of parameters'],
    ['/orders?a=1', '/orders?a=2', 'another'],
    ['/orders', '/orders/1', 'another'],
    ['/orders?a=1&b=2', '/orders?a=1%26b=2', 'another'],
  ])('%s and %s → %s', (one, other, expected) => {
    const keys = [one, other].map((url) => routeKey('Orders.list', 'u1', { url, variant: '' }));
    expect(keys[0] === keys[1]).toBe(expected.startsWith('the same'));
  });

  it.each([
    ['another route', routeKey('Orders.find', 'u1', { url: '/orders', variant: '' })],
    ['another caller', routeKey('Orders.list', 'u2', { url: '/orders', variant: '' })],
    ['another variant', routeKey('Orders.list', 'u1', { url: '/orders', variant: 'total' })],
  ])('%s → another key', (_situation, key) => {
    expect(key).not.toBe(routeKey('Orders.list', 'u1', { url: '/orders', variant: '' }));
  });

  it('a query → its values are not to be read in the key', () => {
    expect(routeKey('Users.list', 'u1', { url: '/users?email=ada@example.com', variant: '' })).not.toContain('ada');
  });

  it('a long query → a short key, different from others', () => {
    const keys = ['a', 'b'].map((last) =>
      routeKey('Orders.list', 'u1', { url: `/orders?${'x'.repeat(8_000)}${last}`, variant: '' }),
    );
    expect(keys[0]).not.toBe(keys[1]);
    expect(keys.every((key) => key.length <= 200)).toBe(true);
  });
});

describe('a method', () => {
  it('other arguments, another method, another scope → another key', () => {
    const keys = [
      methodKey('Users.name', '*', '["1"]'),
      methodKey('Users.name', '*', '["2"]'),
      methodKey('Users.email', '*', '["1"]'),
      methodKey('Users.name', 'u1()', '["1"]'),
    ];
    expect(new Set(keys).size).toBe(4);
  });
});

describe('scopes', () => {
  const scopeOf = (userId: string | null, roles: readonly string[]) =>
    runInContext({ ...newRequestContext('r1'), userId, roles }, () => scopeKey('user'));

  it('public → the same for everyone', () => {
    expect(scopeKey('public')).toBe(runInContext(newRequestContext('r1'), () => scopeKey('public')));
  });

  it('of a user → his, in his roles', () => {
    const scopes = [scopeOf('u1', ['customer']), scopeOf('u2', ['customer']), scopeOf('u1', ['customer', 'admin'])];
    expect(new Set(scopes).size).toBe(3);
    expect(scopeOf('u1', ['customer'])).toBe(scopes[0]);
  });

  it('of a user, but nobody is signed in → none: nothing is kept', () => {
    expect(scopeOf(null, [])).toBeUndefined();
    expect(scopeKey('user')).toBeUndefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import { Deprecated } from './deprecated.decorator.js';

const GOOD = { since: '2026-01-01', sunset: '2026-12-31T23:59:59Z', link: '/docs/orders' };

describe('@Deprecated', () => {
  it.each([
    ['good', GOOD],
    ['with a URL', { ...GOOD, link: 'https://example.com/a?b=c#d' }],
    ['over before long', { ...GOOD, sunset: '2026-01-01T00:00:00.001Z' }],
  ])('%s → is taken', (_situation, options) => {
    expect(() => Deprecated(options)).not.toThrow();
  });

  it.each([
    ['a day that does not exist', { ...GOOD, since: '2026-02-30' }, '2026-02-30 is no date'],
    ['a sunset that is no date', { ...GOOD, sunset: 'soon' }, 'soon is no date'],
    ['a sunset at the same time', { ...GOOD, sunset: GOOD.since }, 'is not after'],
    ['a sunset before', { ...GOOD, sunset: '2025-12-31' }, 'is not after'],
    ['no link', { ...GOOD, link: '' }, 'neither a URL nor a path'],
    ['a link that breaks out of its header', { ...GOOD, link: '/a>; rel="next' }, 'neither a URL nor a path'],
    ['a link of another kind', { ...GOOD, link: 'javascript:alert(1)' }, 'neither a URL nor a path'],
  ])('%s → the class cannot be defined', (_situation, options, message) => {
    expect(() => Deprecated(options)).toThrow(message);
  });
});

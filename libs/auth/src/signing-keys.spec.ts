import { createHmac, KeyObject, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SigningKeys } from './signing-keys.js';

const [NEW, OLD] = [Buffer.alloc(32, 1).toString('base64url'), Buffer.alloc(32, 2).toString('base64url')];
const keys = SigningKeys.parse(`new=${NEW},old=${OLD}`);

function tokenOf(header: unknown): string {
  return `${Buffer.from(JSON.stringify(header)).toString('base64url')}.claims.signature`;
}

describe('SigningKeys.parse', () => {
  it('two keys → the first signs, as a key object and not as text', () => {
    expect(keys.signing.kid).toBe('new');
    expect(keys.signing.key).toBeInstanceOf(KeyObject);
    expect(keys.signing.key.export()).toEqual(Buffer.alloc(32, 1));
  });

  it('blanks between entries and padding → read', () => {
    expect(SigningKeys.parse(` a=${NEW}= , b=${OLD}=`).verifying(tokenOf({ kid: 'b' }))).toBeInstanceOf(KeyObject);
  });

  it.each([
    ['nothing', '', 'expects kid=base64url,…; key 1 is not so'],
    ['a key without kid', NEW, 'expects kid=base64url,…; key 1 is not so'],
    ['an empty kid', `=${NEW}`, 'expects kid=base64url,…; key 1 is not so'],
    ['a kid with a blank', `a b=${NEW}`, 'expects kid=base64url,…; key 1 is not so'],
    ['a comma at the end', `a=${NEW},`, 'expects kid=base64url,…; key 2 is not so'],
    ['a kid of 65 characters', `${'k'.repeat(65)}=${NEW}`, 'expects kid=base64url,…; key 1 is not so'],
    ['base64 that is not base64url', `a=${Buffer.alloc(32, 255).toString('base64')}`, 'key 1 is not base64url'],
    ['a text', `a=${'not base64url '.repeat(4)}`, 'key 1 is not base64url'],
    ['bits over at the end', `a=${NEW.slice(0, -1)}F`, 'key 1 is not base64url'],
    ['248 bits', `a=${Buffer.alloc(31, 1).toString('base64url')}`, 'key 1 has fewer than 256 bits'],
    ['a kid twice', `a=${NEW},a=${OLD}`, 'a kid is given twice'],
  ])('%s → an error without the key in it', (_situation, text, message) => {
    expect(() => SigningKeys.parse(text)).toThrow(new Error(message));
  });
});

describe('SigningKeys.verifying', () => {
  it.each([
    ['new', 1],
    ['old', 2],
  ])('a token of kid %s → its key, the second time too', (kid, byte) => {
    for (let n = 0; n < 2; n += 1) {
      expect(keys.verifying(tokenOf({ alg: 'HS256', kid }))?.export()).toEqual(Buffer.alloc(32, byte));
    }
  });

  it.each([
    ['a foreign kid', tokenOf({ kid: 'other' })],
    ['no kid', tokenOf({ alg: 'HS256' })],
    ['a kid that is a number', tokenOf({ kid: 1 })],
    ['a kid of the object prototype', tokenOf({ kid: 'constructor' })],
    ['a header that is null', tokenOf(null)],
    ['a header that is a text', tokenOf('new')],
    ['a header that is no JSON', 'bm8.claims.signature'],
    ['no dot', 'token'],
    ['an empty text', ''],
    ['an empty header', '.claims.signature'],
  ])('%s → no key', (_situation, token) => {
    expect(keys.verifying(token)).toBeUndefined();
  });

  it('a thousand invented headers with a good kid → the genuine one is still found', () => {
    for (let n = 0; n < 1_000; n += 1) keys.verifying(tokenOf({ kid: 'new', n }));
    expect(keys.verifying(tokenOf({ kid: 'old', typ: 'JWT' }))?.export()).toEqual(Buffer.alloc(32, 2));
  });
});

describe('SigningKeys.derive', () => {
  it('a purpose → a key for each, in order, which is neither the key nor that of another purpose', () => {
    const cursors = keys.derive('cursors');
    expect(cursors).toEqual(
      [NEW, OLD].map((key) => createHmac('sha256', Buffer.from(key, 'base64url')).update('plinth:cursors').digest()),
    );
    expect(keys.derive('other')[0]).not.toEqual(cursors[0]);
    expect(SigningKeys.parse(`a=${randomBytes(32).toString('base64url')}`).derive('cursors')).toHaveLength(1);
  });
});

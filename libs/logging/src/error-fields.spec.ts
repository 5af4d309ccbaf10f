import { describe, expect, it } from '@jest/globals';
import { errorFields } from './error-fields.js';

class DriverError extends Error {
  override readonly name = 'DriverError';
  readonly code = '23505';
  readonly parameters = ['ada@example.com', '$argon2id$v=19$secret'];
  readonly detail = 'Key (email_key)=(ada@example.com) already exists.';
}

const chain = (length: number): Error => new Error(`level ${length}`, length > 1 ? { cause: chain(length - 1) } : {});

describe('errorFields', () => {
  it("an error with a driver's members → type, message, code and stack alone", () => {
    const error = new DriverError('duplicate key');
    expect(errorFields(error)).toEqual({
      type: 'DriverError',
      message: 'duplicate key',
      code: '23505',
      stack: error.stack,
    });
  });

  it('a cause → told too, without its other members', () => {
    const fields = errorFields(new Error('outside', { cause: new DriverError('inside') }));
    expect(Object.keys(fields.cause ?? {})).toEqual(['type', 'message', 'code', 'stack']);
    expect(JSON.stringify(fields)).not.toContain('ada@example.com');
  });

  it('a chain of causes without end → cut off', () => {
    const text = JSON.stringify(errorFields(chain(50)));
    expect([...text.matchAll(/"message":"level (\d+)"/g)].map(([, level]) => level)).toEqual([
      '50',
      '49',
      '48',
      '47',
      '46',
      '45',
    ]);
  });

  it.each([
    ['a text', 'gone', { type: 'string', message: 'gone' }],
    ['nothing', undefined, { type: 'undefined', message: 'undefined' }],
    ['an object', { password: 'hunter2' }, { type: 'object', message: '[object Object]' }],
  ])('%s thrown → its kind', (_situation, thrown, fields) => {
    expect(errorFields(thrown)).toEqual(fields);
  });
});

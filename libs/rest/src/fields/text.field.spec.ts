import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { RequestInvalidError, RequestValidationPipe } from '@app/problem';
import { EmailField, TextField } from './text.field.js';

class Texts {
  @TextField({ description: 'Trimmed.', example: 'a', max: 3, optional: true })
  readonly name?: string | null;

  @TextField({ description: 'To the letter.', example: 'a', min: 2, max: 3, verbatim: true, optional: true })
  readonly secret?: string;

  @TextField({ description: 'Of digits.', example: '1', max: 3, pattern: /^\d+$/, optional: true, nullable: true })
  readonly digits?: string | null;

  @EmailField({ description: 'An address.', example: 'ada@example.com', optional: true })
  readonly email?: string;
}

const read = (body: object) => new RequestValidationPipe().transform(body, { type: 'body', metatype: Texts });

async function refusals(body: object): Promise<unknown> {
  const error: unknown = await read(body).catch((refusal: unknown) => refusal);
  return error instanceof RequestInvalidError ? error.errors?.map((part) => Object.values(part).slice(0, 2)) : error;
}

const OF_254 = `${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(57)}.com`;

describe('TextField', () => {
  it.each([
    ['a text', { name: 'abc' }, { name: 'abc' }],
    ['blanks around', { name: ' \t\u00a0\ufeffabc\n' }, { name: 'abc' }],
    ['as many code points as allowed, of two units each', { name: '😀😀😀' }, { name: '😀😀😀' }],
    ['blanks around what is taken to the letter', { secret: ' a ' }, { secret: ' a ' }],
    ['null where it may be', { digits: null }, { digits: null }],
    ['absence', {}, {}],
  ])('%s → taken', async (_situation, body, taken) => {
    expect({ ...Object(await read(body)) }).toEqual(taken);
  });

  it.each([
    ['a character too many', { name: 'abcd' }, ['/name', 'text']],
    ['a code point too many', { name: '😀😀😀😀' }, ['/name', 'text']],
    ['nothing', { name: '' }, ['/name', 'text']],
    ['blanks', { name: ' \t ' }, ['/name', 'text']],
    ['blanks to the letter', { secret: '   ' }, ['/secret', 'text']],
    ['one code point of two units where two are needed', { secret: '😀' }, ['/secret', 'text']],
    ['NUL', { name: 'a\0b' }, ['/name', 'text']],
    ['the first half of a pair', { name: 'a\ud83d' }, ['/name', 'text']],
    ['the second half of a pair', { name: '\ude00a' }, ['/name', 'text']],
    ['null', { name: null }, ['/name', 'text']],
    ['a number', { name: 1 }, ['/name', 'text']],
    ['a list of one', { name: ['a'] }, ['/name', 'text']],
    ['an object', { name: { length: 1 } }, ['/name', 'text']],
    ['letters where digits are due', { digits: '1a' }, ['/digits', 'pattern']],
    ['a digit of another script', { digits: '١' }, ['/digits', 'pattern']],
  ])('%s → refused', async (_situation, body, refusal) => {
    expect(await refusals(body)).toEqual([refusal]);
  });
});

describe('EmailField', () => {
  it.each([
    ['an address', 'ada@example.com', 'ada@example.com'],
    ['capitals', 'Ada.King@Example.COM', 'Ada.King@Example.COM'],
    ['blanks around', ' ada@example.com ', 'ada@example.com'],
    ['a tag', 'ada+orders@example.com', 'ada+orders@example.com'],
    ['254 characters', OF_254, OF_254],
  ])('%s → taken', async (_situation, email, taken) => {
    expect({ ...Object(await read({ email })) }).toEqual({ email: taken });
  });

  it.each([
    ['no domain', 'ada'],
    ['no name', '@example.com'],
    ['two signs', 'ada@king@example.com'],
    ['a display name', 'Ada <ada@example.com>'],
    ['255 characters', `${OF_254}m`],
    ['NUL', 'ada\0@example.com'],
    ['a line break inside', 'ada@example.com\nbcc:bob@example.com'],
    ['half a pair', 'ada\ud83d@example.com'],
    ['a name beyond ASCII', 'jürgen@example.com'],
    ['a domain beyond ASCII', 'ada@bücher.example'],
    ['a quoted name', '"ada king"@example.com'],
    ['nothing', ''],
    ['null', null],
    ['a list of one', ['ada@example.com']],
  ])('%s → refused', async (_situation, email) => {
    expect(await refusals({ email })).toEqual([['/email', 'email']]);
  });
});

import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { RequestInvalidError, RequestValidationPipe } from '@app/problem';
import { TextField } from './text.field.js';
import { BooleanField, IdField, InstantField, IntegerField, ListField, OneOfField } from './value.fields.js';

class Entry {
  @TextField({ description: 'Key.', example: 'a', max: 5 })
  readonly sku: string;
}

class Values {
  @IntegerField({ description: 'A number.', example: 1, min: 0, max: 10, optional: true, nullable: true })
  readonly count?: number | null;

  @IntegerField({ description: 'A number in a query.', example: 1, min: -5, max: 10, fromText: true, optional: true })
  readonly limit?: number;

  @OneOfField({ description: 'A word.', values: ['paid', 'shipped'], example: 'paid', optional: true })
  readonly status?: string;

  @BooleanField({ description: 'A claim.', example: true, optional: true })
  readonly disabled?: boolean;

  @IdField({ description: 'An id.', example: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11', optional: true })
  readonly id?: string;

  @InstantField({ description: 'A time.', example: '2026-01-31T12:00:00Z', optional: true })
  readonly at?: Date;

  @ListField({ description: 'Entries.', min: 1, max: 3, of: Entry, uniqueBy: 'sku', optional: true })
  readonly items?: readonly Entry[];
}

const read = (body: object) => new RequestValidationPipe().transform(body, { type: 'body', metatype: Values });

async function refusals(body: object): Promise<unknown> {
  const error: unknown = await read(body).catch((refusal: unknown) => refusal);
  return error instanceof RequestInvalidError ? error.errors?.map((part) => Object.values(part).slice(0, 2)) : error;
}

const ID = '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11';
const entries = (...skus: string[]) => skus.map((sku) => ({ sku }));

describe('fields of values', () => {
  it.each([
    ['the lowest number', { count: 0 }, { count: 0 }],
    ['the highest number', { count: 10 }, { count: 10 }],
    ['a whole number written as a fraction', JSON.parse('{"count":1.0e1}'), { count: 10 }],
    ['null where it may be', { count: null }, { count: null }],
    ['digits in a query', { limit: '07' }, { limit: 7 }],
    ['a negative number in a query', { limit: '-5' }, { limit: -5 }],
    ['a known word', { status: 'paid' }, { status: 'paid' }],
    ['false', { disabled: false }, { disabled: false }],
    ['an id in capitals', { id: ID.toUpperCase() }, { id: ID.toUpperCase() }],
    [
      'an id that no version has',
      { id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' },
      { id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' },
    ],
    ['a time', { at: '2026-01-31' }, { at: new Date('2026-01-31T00:00:00Z') }],
    ['as many entries as allowed', { items: entries('a', 'b', 'c') }, { items: entries('a', 'b', 'c') }],
  ])('%s → taken', async (_situation, body: object, taken) => {
    expect(JSON.parse(JSON.stringify(await read(body)))).toEqual(JSON.parse(JSON.stringify(taken)));
  });

  it.each([
    ['a number too low', { count: -1 }, ['/count', 'integer']],
    ['a number too high', { count: 11 }, ['/count', 'integer']],
    ['a fraction', { count: 1.5 }, ['/count', 'integer']],
    ['a number beyond all bounds', JSON.parse('{"count":1e400}'), ['/count', 'integer']],
    ['digits as text in a body', { count: '1' }, ['/count', 'integer']],
    ['true for a number', { count: true }, ['/count', 'integer']],
    ['no digits in a query', { limit: '' }, ['/limit', 'integer']],
    ['another notation in a query', { limit: '0x5' }, ['/limit', 'integer']],
    ['an exponent in a query', { limit: '1e0' }, ['/limit', 'integer']],
    ['a plus sign in a query', { limit: '+5' }, ['/limit', 'integer']],
    ['a fraction in a query', { limit: '5.0' }, ['/limit', 'integer']],
    ['blanks in a query', { limit: ' 5' }, ['/limit', 'integer']],
    ['an unknown word', { status: 'lost' }, ['/status', 'one_of']],
    ['a known word in capitals', { status: 'PAID' }, ['/status', 'one_of']],
    ['a list of a known word', { status: ['paid'] }, ['/status', 'one_of']],
    ['true as text', { disabled: 'true' }, ['/disabled', 'is_boolean']],
    ['null for a claim', { disabled: null }, ['/disabled', 'is_boolean']],
    ['1 for a claim', { disabled: 1 }, ['/disabled', 'is_boolean']],
    ['an id without hyphens', { id: ID.replaceAll('-', '') }, ['/id', 'uuid']],
    ['an id in braces', { id: `{${ID}}` }, ['/id', 'uuid']],
    ['an impossible day', { at: '2026-02-30' }, ['/at', 'instant']],
    ['milliseconds since 1970', { at: 0 }, ['/at', 'instant']],
    ['no entries', { items: [] }, ['/items', 'array_min_size']],
    ['an entry too many', { items: entries('a', 'b', 'c', 'd') }, ['/items', 'array_max_size']],
    ['an object with numbered members', { items: { 0: { sku: 'a' } } }, ['/items', 'is_array']],
    ['the same entry again', { items: entries('a', ' a ') }, ['/items', 'unique']],
    ['null among the entries', { items: [{ sku: 'a' }, null] }, ['/items/1', 'nested_validation']],
    ['a text among the entries', { items: ['a'] }, ['/items/0', 'nested_validation']],
    ['a list among the entries', { items: [{ sku: 'a' }, [{ sku: 'b' }]] }, ['/items/1', 'nested_array']],
    ['a wrong member of an entry', { items: [{ sku: 'a' }, { sku: 'too long' }] }, ['/items/1/sku', 'text']],
    ['an unknown member of an entry', { items: [{ sku: 'a', 'x/y~z': 1 }] }, ['/items/0/x~1y~0z', 'unknown_property']],
  ])('%s → refused', async (_situation, body: object, refusal) => {
    expect(await refusals(body)).toEqual([refusal]);
  });
});

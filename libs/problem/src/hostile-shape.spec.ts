import { describe, expect, it } from '@jest/globals';
import { refuseHostileBody, refuseHostileQuery } from './hostile-shape.js';
import { RequestInvalidError } from './request.errors.js';

function refusal(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error instanceof RequestInvalidError ? error.errors?.map((part) => Object.values(part).slice(0, -1)) : error;
  }
  return 'passed';
}

const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

describe('refuseHostileBody', () => {
  it.each([
    ['an empty object', '{}'],
    ['objects in a list', '{"items":[{"a":1},{"a":2}]}'],
    ['the deepest body', JSON.stringify(nested(16))],
    ['a name that only looks inherited', '{"Constructor":1,"proto":2}'],
  ])('%s → passes', (_situation, json) => {
    expect(refusal(() => refuseHostileBody(JSON.parse(json)))).toBe('passed');
  });

  it.each([
    ['null', 'null', ['', 'object']],
    ['a list', '[{}]', ['', 'object']],
    ['a text', '"a"', ['', 'object']],
    ['a number', '0', ['', 'object']],
    ['the prototype', '{"__proto__":{"roles":["admin"]}}', ['/__proto__', 'unknown_property']],
    ['the constructor', '{"constructor":{"prototype":{}}}', ['/constructor', 'unknown_property']],
    ['an inherited method', '{"toString":"x"}', ['/toString', 'unknown_property']],
    ['an inherited accessor', '{"__defineGetter__":1}', ['/__defineGetter__', 'unknown_property']],
    ['the prototype in a list', '{"items":[{},{"__proto__":1}]}', ['/items/1/__proto__', 'unknown_property']],
    ['signs in the way there', '{"a/b~c":{"__proto__":1}}', ['/a~1b~0c/__proto__', 'unknown_property']],
    ['a list in a list', '{"items":[[]]}', ['/items/0', 'nested_array']],
    ['a level too deep', JSON.stringify(nested(17)), ['', 'depth']],
    ['levels without end', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`, ['', 'depth']],
  ])('%s → refused', (_situation, json, place) => {
    expect(refusal(() => refuseHostileBody(JSON.parse(json)))).toEqual([place]);
  });
});

describe('refuseHostileQuery', () => {
  it('each parameter once → passes', () => {
    expect(refusal(() => refuseHostileQuery({ limit: '1', name: '' }))).toBe('passed');
  });

  it('repeated and inherited parameters → each is named', () => {
    const query = Object.fromEntries([
      ['limit', ['1', '1']],
      ['name', 'a'],
      ['__proto__', 'x'],
      ['valueOf', 'x'],
    ]);
    expect(refusal(() => refuseHostileQuery(query))).toEqual([
      ['query', 'limit', 'repeated'],
      ['query', '__proto__', 'unknown_property'],
      ['query', 'valueOf', 'unknown_property'],
    ]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { hashSlot, hashTag } from './hash-slot.js';

describe('hashSlot', () => {
  // As `CLUSTER KEYSLOT` answers.
  it.each([
    ['', 0],
    ['123456789', 12_739],
    ['foo', 12_182],
    ['{foo}:bar', 12_182],
    ['plinth:limit:{foo}:default', 12_182],
    ['größe', 9_425],
  ])('%s → %i', (key, slot) => {
    expect(hashSlot(key)).toBe(slot);
  });
});

describe('hashTag', () => {
  it.each([
    ['{a}:b', 'a'],
    ['x{a}{b}', 'a'],
    ['x{{a}}', '{a'],
    ['{}a', '{}a'],
    ['}{a', '}{a'],
    ['a', 'a'],
  ])('%s → %s', (key, tag) => {
    expect(hashTag(key)).toBe(tag);
  });
});

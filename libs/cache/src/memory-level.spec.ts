import { describe, expect, it } from '@jest/globals';
import { type MemoryEntry, MemoryLevel } from './memory-level.js';

function anEntry(value: unknown, tags: readonly string[] = [], size = 10): MemoryEntry {
  return { value, tags, size, freshUntil: 1, staleUntil: 1, confirmedAt: 0 };
}

describe('bounds', () => {
  it('more entries than allowed → the longest unused goes', () => {
    const memory = new MemoryLevel({ maxEntries: 2 });
    memory.set('a', anEntry(1));
    memory.set('b', anEntry(2));
    memory.get('a');
    memory.set('c', anEntry(3));
    expect(['a', 'b', 'c'].map((key) => memory.get(key)?.value)).toEqual([1, undefined, 3]);
  });

  it('more bytes than allowed → the longest unused go', () => {
    const memory = new MemoryLevel({ maxBytes: 100 });
    memory.set('a', anEntry(1, [], 60));
    memory.set('b', anEntry(2, [], 60));
    expect(memory.get('a')).toBeUndefined();
    expect(memory.size).toEqual({ entries: 1, bytes: 60 });
  });

  it('an entry larger than the level → is not kept, nor what it would have replaced', () => {
    const memory = new MemoryLevel({ maxBytes: 100 });
    memory.set('a', anEntry('old'));
    memory.set('a', anEntry('new', ['t'], 101));
    expect(memory.get('a')).toBeUndefined();
    memory.dropTags(['t']);
    expect(memory.size).toEqual({ entries: 0, bytes: 0 });
  });
});

describe('tags', () => {
  it('a dropped tag → takes the entries that hang on it, and no other', () => {
    const memory = new MemoryLevel();
    memory.set('a', anEntry(1, ['x']));
    memory.set('b', anEntry(2, ['x', 'y']));
    memory.set('c', anEntry(3, ['y']));
    memory.dropTags(['x', 'unknown']);
    expect(['a', 'b', 'c'].map((key) => memory.get(key)?.value)).toEqual([undefined, undefined, 3]);
  });

  it('an entry that was replaced with other tags → hangs on those alone', () => {
    const memory = new MemoryLevel();
    memory.set('a', anEntry(1, ['x']));
    memory.set('a', anEntry(2, ['y']));
    memory.dropTags(['x']);
    expect(memory.get('a')?.value).toBe(2);
    memory.dropTags(['y']);
    expect(memory.get('a')).toBeUndefined();
  });

  it('entries that went by themselves → leave nothing behind in the index', () => {
    const memory = new MemoryLevel({ maxEntries: 10 });
    for (let n = 0; n < 1_000; n += 1) memory.set(`key ${n}`, anEntry(n, [`tag ${n}`]));
    expect(memory.tagsKnown).toBe(10);
    memory.clear();
    expect(memory.tagsKnown).toBe(0);
  });
});

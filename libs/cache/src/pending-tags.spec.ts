import { describe, expect, it } from '@jest/globals';
import { PendingTags } from './pending-tags.js';

describe('pending tags', () => {
  it('added → taken once, each once', () => {
    const pending = new PendingTags();
    pending.add(['a', 'b']);
    pending.add(['b', 'c']);
    expect([pending.isEmpty, pending.take(), pending.take(), pending.isEmpty]).toEqual([
      false,
      ['a', 'b', 'c'],
      [],
      true,
    ]);
  });

  it('everything among them → everything alone', () => {
    const pending = new PendingTags();
    pending.add(['a']);
    pending.add(['b', '*']);
    pending.add(['c']);
    expect(pending.take()).toEqual(['*']);
  });

  it('more than a thousand → everything', () => {
    const pending = new PendingTags();
    for (let n = 0; n < 1_000; n += 1) pending.add([`tag ${n}`]);
    expect(pending.take()).toHaveLength(1_000);
    for (let n = 0; n < 1_001; n += 1) pending.add([`tag ${n}`]);
    expect(pending.take()).toEqual(['*']);
  });
});

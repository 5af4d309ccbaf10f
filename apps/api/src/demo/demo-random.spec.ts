import { describe, expect, it } from '@jest/globals';
import { personName } from './demo-catalogue.js';
import { DemoRandom } from './demo-random.js';

const DRAWS = 10_000;

function draw<T>(make: (random: DemoRandom) => T, seed = 1): T[] {
  const random = new DemoRandom(seed);
  return Array.from({ length: DRAWS }, () => make(random));
}

describe('DemoRandom', () => {
  it('next → from 0 to below 1, spread evenly', () => {
    const drawn = draw((random) => random.next());
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
    const tenths = Array.from({ length: 10 }, (_, n) => drawn.filter((value) => Math.floor(value * 10) === n).length);
    expect(Math.min(...tenths)).toBeGreaterThan(DRAWS / 12);
    expect(Math.max(...tenths)).toBeLessThan(DRAWS / 8);
  });

  it('the same seed → the same numbers; another seed → others', () => {
    expect(draw((random) => random.next(), 7)).toEqual(draw((random) => random.next(), 7));
    expect(draw((random) => random.next(), 7)).not.toEqual(draw((random) => random.next(), 8));
  });

  it('between 1 and 3 → whole numbers, both ends among them', () => {
    expect(new Set(draw((random) => random.between(1, 3)))).toEqual(new Set([1, 2, 3]));
  });

  it('skewed → every entry, the first most often', () => {
    const drawn = draw((random) => random.skewed(['a', 'b', 'c', 'd']));
    const counts = ['a', 'b', 'c', 'd'].map((entry) => drawn.filter((value) => value === entry).length);
    expect(counts).toEqual(counts.toSorted((a, b) => b - a));
    expect(counts[3]).toBeGreaterThan(0);
  });

  it('an empty list → refused', () => {
    expect(() => new DemoRandom(1).pick([])).toThrow('nothing to pick from');
  });
});

describe('personName', () => {
  it('as many people as the demo data has → no name twice', () => {
    const names = Array.from({ length: 300 }, (_, n) => personName(n));
    expect(new Set(names).size).toBe(300);
    expect(names.every((name) => /^[A-Z][a-z]+ [A-Z][a-z]+$/.test(name))).toBe(true);
  });
});

import { describe, expect, it } from '@jest/globals';
import { RequestInvalidError } from '@app/problem';
import { RangeTooLargeError } from '../analytics.errors.js';
import type { Granularity } from './calendar.js';
import { bucketsOf, daysOf, monthsAndDays } from './range.js';

const NOW = new Date('2026-03-15T10:20:30Z');

describe('bucketsOf', () => {
  const spanOf = (given: object, granularity: Granularity = 'day', timezone = 'UTC') => {
    const edges = bucketsOf(given, { granularity, timezone }, NOW);
    return [edges.length - 1, edges[0]?.label, edges.at(-1)?.label];
  };

  it.each<[string, object, unknown[]]>([
    ['nothing given → 30 days up to now, widened', {}, [31, '2026-02-13T00:00:00.000Z', '2026-03-16T00:00:00.000Z']],
    [
      'to alone → 30 days before it',
      { to: '2026-03-01' },
      [30, '2026-01-30T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
    ],
    ['from alone → up to now', { from: '2026-03-14' }, [2, '2026-03-14T00:00:00.000Z', '2026-03-16T00:00:00.000Z']],
    [
      'instants → widened',
      { from: '2026-03-01T12:00:00Z', to: '2026-03-01T12:00:00.001Z' },
      [1, '2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z'],
    ],
  ])('%s', (_situation, given, span) => {
    expect(spanOf(given)).toEqual(span);
  });

  it('bare dates → midnights of the zone', () => {
    const span = [2, '2026-03-28T00:00:00.000+01:00', '2026-03-30T00:00:00.000+02:00'];
    expect(spanOf({ from: '2026-03-28', to: '2026-03-30' }, 'day', 'Europe/Berlin')).toEqual(span);
  });

  it.each([
    ['the same instant', { from: '2026-01-01', to: '2026-01-01' }],
    ['the wrong way round', { from: '2026-01-02', to: '2026-01-01' }],
    ['a start in the future', { from: '2027-01-01' }],
  ])('%s → refused', (_situation, given) => {
    expect(() => spanOf(given)).toThrow(RequestInvalidError);
  });

  it('1000 buckets → taken; one more → refused with the latest end', () => {
    expect(spanOf({ from: '2026-01-01T00:00:00Z', to: '2026-02-11T16:00:00Z' }, 'hour')[0]).toBe(1_000);
    const more = () => spanOf({ from: '2026-01-01T00:00:00Z', to: '2026-02-11T16:00:00.001Z' }, 'hour');
    expect(more).toThrow(
      expect.objectContaining({ extensions: { maxBuckets: 1_000, latestTo: '2026-02-11T16:00:00.000Z' } }),
    );
    expect(more).toThrow(RangeTooLargeError);
  });
});

describe('daysOf', () => {
  it.each([
    ['nothing given', {}, '2026-02-13T00:00:00.000Z', '2026-03-16T00:00:00.000Z'],
    [
      'instants',
      { from: '2026-01-01T23:59:59Z', to: '2026-01-02T00:00:01Z' },
      '2026-01-01T00:00:00.000Z',
      '2026-01-03T00:00:00.000Z',
    ],
    ['days', { from: '2026-01-01', to: '2026-02-01' }, '2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'],
  ])('%s → whole days', (_situation, given, from, to) => {
    expect(daysOf(given, NOW)).toEqual({ from: new Date(from), to: new Date(to) });
  });
});

describe('monthsAndDays', () => {
  const day = (text: string) => new Date(`${text}T00:00:00Z`);

  it.each<[string, string, string, string[], string[], string[]]>([
    [
      'part of a month',
      '2026-01-10',
      '2026-01-20',
      ['2026-01-01'],
      [],
      ['2026-01-10', '2026-01-20', '2026-01-20', '2026-01-20'],
    ],
    [
      'over an edge',
      '2026-01-10',
      '2026-02-20',
      ['2026-01-01', '2026-02-01'],
      [],
      ['2026-01-10', '2026-02-20', '2026-02-20', '2026-02-20'],
    ],
    [
      'a whole month',
      '2026-01-01',
      '2026-02-01',
      ['2026-01-01'],
      ['2026-01-01'],
      ['2026-01-01', '2026-01-01', '2026-02-01', '2026-02-01'],
    ],
    [
      'with both ends',
      '2025-12-31',
      '2026-02-02',
      ['2025-12-01', '2026-01-01', '2026-02-01'],
      ['2026-01-01'],
      ['2025-12-31', '2026-01-01', '2026-02-01', '2026-02-02'],
    ],
  ])('%s → what is whole, and the rest', (_situation, from, to, touched, whole, rest) => {
    expect(monthsAndDays(day(from), day(to))).toEqual({
      touched: touched.map(day),
      whole: whole.map(day),
      rest: rest.map(day),
    });
  });
});

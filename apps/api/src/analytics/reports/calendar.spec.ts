import { describe, expect, it } from '@jest/globals';
import { edgesBefore, edgesOf, GRANULARITIES, type Granularity, isTimezone, startOfDate } from './calendar.js';

const MAX = 1_000;
const STRANGE_ZONES = ['Australia/Lord_Howe', 'America/Havana', 'Africa/Cairo', 'Africa/Casablanca', 'Pacific/Chatham'];
const at = (instant: string): number => Date.parse(instant);

function labels(from: string, to: string, granularity: Granularity, timezone = 'UTC'): string[] {
  return edgesOf(at(from), at(to), { granularity, timezone }, MAX).map(({ label }) => label);
}

describe('buckets', () => {
  it.each<[string, string, string, Granularity, string, string[]]>([
    [
      'days, UTC',
      '2026-01-30T12:00:00Z',
      '2026-02-01T00:00:00Z',
      'day',
      'UTC',
      ['2026-01-30T00:00:00.000Z', '2026-01-31T00:00:00.000Z', '2026-02-01T00:00:00.000Z'],
    ],
    [
      'clocks go forward → a day of 23 hours',
      '2026-03-29T10:00:00Z',
      '2026-03-29T11:00:00Z',
      'day',
      'Europe/Berlin',
      ['2026-03-29T00:00:00.000+01:00', '2026-03-30T00:00:00.000+02:00'],
    ],
    [
      'clocks go back → a day of 25 hours',
      '2026-10-25T10:00:00Z',
      '2026-10-25T11:00:00Z',
      'day',
      'Europe/Berlin',
      ['2026-10-25T00:00:00.000+02:00', '2026-10-26T00:00:00.000+01:00'],
    ],
    [
      'a day without midnight → it starts at one',
      '2018-11-04T12:00:00Z',
      '2018-11-04T13:00:00Z',
      'day',
      'America/Sao_Paulo',
      ['2018-11-04T01:00:00.000-02:00', '2018-11-05T00:00:00.000-02:00'],
    ],
    [
      'a day with two midnights → it starts at the first',
      '2025-11-02T12:00:00Z',
      '2025-11-02T13:00:00Z',
      'day',
      'America/Havana',
      ['2025-11-02T00:00:00.000-04:00', '2025-11-03T00:00:00.000-05:00'],
    ],
    [
      'an hour that comes twice → two buckets',
      '2026-10-25T00:00:00Z',
      '2026-10-25T02:00:00Z',
      'hour',
      'Europe/Berlin',
      ['2026-10-25T02:00:00.000+02:00', '2026-10-25T02:00:00.000+01:00', '2026-10-25T03:00:00.000+01:00'],
    ],
    [
      'an hour that is left out → no bucket',
      '2026-03-29T00:30:00Z',
      '2026-03-29T01:30:00Z',
      'hour',
      'Europe/Berlin',
      ['2026-03-29T01:00:00.000+01:00', '2026-03-29T03:00:00.000+02:00', '2026-03-29T04:00:00.000+02:00'],
    ],
    [
      'half an hour back → one of an hour and a half',
      '2025-04-05T14:00:00Z',
      '2025-04-05T15:45:00Z',
      'hour',
      'Australia/Lord_Howe',
      ['2025-04-06T01:00:00.000+11:00', '2025-04-06T02:00:00.000+10:30', '2025-04-06T03:00:00.000+10:30'],
    ],
    [
      'an offset of 45 minutes',
      '2026-01-01T00:00:00Z',
      '2026-01-01T00:01:00Z',
      'hour',
      'Asia/Kathmandu',
      ['2026-01-01T05:00:00.000+05:45', '2026-01-01T06:00:00.000+05:45'],
    ],
    [
      'weeks start on Monday',
      '2026-01-01T00:00:00Z',
      '2026-01-05T00:00:01Z',
      'week',
      'UTC',
      ['2025-12-29T00:00:00.000Z', '2026-01-05T00:00:00.000Z', '2026-01-12T00:00:00.000Z'],
    ],
    [
      'a Sunday → the week of the Monday before',
      '2026-01-04T00:00:00Z',
      '2026-01-04T01:00:00Z',
      'week',
      'UTC',
      ['2025-12-29T00:00:00.000Z', '2026-01-05T00:00:00.000Z'],
    ],
    [
      'months',
      '2028-02-29T23:30:00Z',
      '2028-03-01T00:00:00Z',
      'month',
      'UTC',
      ['2028-02-01T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
    ],
    [
      'a month that has begun in the zone alone',
      '2026-01-31T23:30:00Z',
      '2026-01-31T23:45:00Z',
      'month',
      'Europe/Berlin',
      ['2026-02-01T00:00:00.000+01:00', '2026-03-01T00:00:00.000+01:00'],
    ],
  ])('%s', (_situation, from, to, granularity, timezone, edges) => {
    expect(labels(from, to, granularity, timezone)).toEqual(edges);
  });

  it.each(STRANGE_ZONES)('a year of %s → edges ascend, and the first is not after the start', (timezone) => {
    const from = at('2025-03-20T07:00:00Z');
    for (const granularity of GRANULARITIES) {
      const span = granularity === 'hour' ? 20 : 366;
      const edges = edgesOf(from, from + span * 86_400_000, { granularity, timezone }, MAX).map((edge) => edge.at);
      const isAscending = edges.slice(1).every((edge, index) => edge > (edges[index] ?? edge));
      expect([isAscending, (edges[0] ?? from + 1) <= from]).toEqual([true, true]);
    }
  });

  it('more than there may be → stops one after them', () => {
    expect(edgesOf(0, at('2026-01-01T00:00:00Z'), { granularity: 'hour', timezone: 'UTC' }, 10)).toHaveLength(12);
  });
});

describe('the buckets before', () => {
  it.each<[Granularity, string, string, number, string]>([
    ['hour', 'Australia/Lord_Howe', '2025-04-05T15:30:00Z', 3, '2025-04-05T12:00:00Z'],
    ['day', 'Europe/Berlin', '2026-03-29T22:00:00Z', 2, '2026-03-27T23:00:00Z'],
    ['week', 'UTC', '2026-01-12T00:00:00Z', 2, '2025-12-29T00:00:00Z'],
    ['month', 'UTC', '2026-03-01T00:00:00Z', 12, '2025-03-01T00:00:00Z'],
  ])('%ss in %s → as many, up to the edge', (granularity, timezone, before, count, first) => {
    const edges = edgesBefore(at(before), count, { granularity, timezone }).map((edge) => edge.at);
    expect([edges.length, edges[0], edges.at(-1)]).toEqual([count + 1, at(first), at(before)]);
  });
});

describe('a bare date', () => {
  it.each([
    ['Europe/Berlin', '2026-07-01', '2026-06-30T22:00:00Z'],
    ['Africa/Cairo', '2025-04-25', '2025-04-24T22:00:00Z'], // no midnight: clocks go from 00:00 to 01:00
  ])('%s %s → %s', (timezone, date, instant) => {
    expect(startOfDate(date, timezone)).toBe(at(instant));
  });
});

describe('time zones', () => {
  it.each(['UTC', 'Europe/Berlin', 'europe/berlin', 'America/Argentina/Buenos_Aires', 'Asia/Kathmandu'])(
    '%s → one',
    (name) => {
      expect(isTimezone(name)).toBe(true);
    },
  );

  it.each([undefined, 7, '', '+01:00', '-08', 'Mars/Olympus', 'Europe', '2025', 'UTC; DROP TABLE orders'])(
    '%s → none',
    (name) => {
      expect(isTimezone(name)).toBe(false);
    },
  );
});

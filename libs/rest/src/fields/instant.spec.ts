import { describe, expect, it } from '@jest/globals';
import { parseInstant } from './instant.js';

describe('parseInstant', () => {
  it.each([
    ['a bare date', '2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['a leap day', '2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['a time in UTC', '2026-01-31T12:34:56Z', '2026-01-31T12:34:56.000Z'],
    ['small letters', '2026-01-31t12:34:56z', '2026-01-31T12:34:56.000Z'],
    ['an offset to the east', '2026-01-31T12:00:00+05:30', '2026-01-31T06:30:00.000Z'],
    ['an offset across midnight', '2026-01-31T23:00:00-03:00', '2026-02-01T02:00:00.000Z'],
    ['a negative offset of nothing', '2026-01-31T12:00:00-00:00', '2026-01-31T12:00:00.000Z'],
    ['one digit of a second', '2026-01-31T12:00:00.5Z', '2026-01-31T12:00:00.500Z'],
    ['nanoseconds', '2026-01-31T12:00:00.123999999Z', '2026-01-31T12:00:00.123Z'],
    ['the last moment', '9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['the first day', '0000-01-01', '0000-01-01T00:00:00.000Z'],
  ])('%s → read', (_situation, text, instant) => {
    expect(parseInstant(text)?.toISOString()).toBe(instant);
  });

  it.each([
    ['nothing', ''],
    ['a word', 'yesterday'],
    ['30 February', '2026-02-30'],
    ['29 February of a common year', '2026-02-29T00:00:00Z'],
    ['month 13', '2026-13-01'],
    ['day 0', '2026-01-00'],
    ['hour 24', '2026-01-31T24:00:00Z'],
    ['minute 60', '2026-01-31T12:60:00Z'],
    ['second 60', '2026-01-31T12:00:60Z'],
    ['no zone', '2026-01-31T12:00:00'],
    ['no seconds', '2026-01-31T12:00Z'],
    ['an offset without a colon', '2026-01-31T12:00:00+0530'],
    ['an offset of 24 hours', '2026-01-31T12:00:00+24:00'],
    ['an offset whose plus became a blank', '2026-01-31T12:00:00 00:00'],
    ['a blank between', '2026-01-31 12:00:00Z'],
    ['a comma before the fraction', '2026-01-31T12:00:00,5Z'],
    ['a dot without a fraction', '2026-01-31T12:00:00.Z'],
    ['ten digits of a second', '2026-01-31T12:00:00.1234567890Z'],
    ['a year of five digits', '+12026-01-31'],
    ['a week', '2026-W05'],
    ['seconds since 1970', '1769860000'],
    ['a line break after', '2026-01-31\n'],
  ])('%s → refused', (_situation, text) => {
    expect(parseInstant(text)).toBeUndefined();
  });
});

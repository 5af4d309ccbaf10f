import type { LevelName, LevelUnit, ServiceLevel } from '@app/telemetry';

/** A number as people read it, and what stands beside it. */
export interface Figure {
  readonly number: string;
  readonly unit: string;
}

/** What a level is called, and what it is the measure of. */
export const LABELS: Readonly<Record<LevelName, { readonly name: string; readonly meaning: string }>> = {
  response_time_p95_ms: { name: 'Response time', meaning: '95 of 100 requests are answered faster' },
  error_rate: { name: 'Error rate', meaning: 'share of answers that are 5xx' },
  requests_per_second: { name: 'Capacity', meaning: 'requests that this process can sustain' },
  cpu: { name: 'CPU', meaning: 'share of what the process may use' },
  memory: { name: 'Memory', meaning: 'share of what the process may use' },
};

const NUMBERS = [0, 1, 2, 3].map(
  (digits) => new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);
const PLAIN = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/** Three digits say enough: 4.27 ms, 42.7 ms, 427 ms, 4.27 s. */
export function figure(value: number, unit: LevelUnit): Figure {
  if (unit === 'ratio') return { number: threeDigits(value * 100), unit: '%' };
  if (unit === '1/s') return { number: whole(value), unit: 'req/s' };
  return value >= 1_000
    ? { number: threeDigits(value / 1_000), unit: 's' }
    : { number: threeDigits(value), unit: 'ms' };
}

export function whole(value: number): string {
  return formatted(value, 0);
}

/** In a sentence. */
export function phrase(value: number, unit: LevelUnit): string {
  return joined(figure(value, unit));
}

/** A threshold, which is a round number: no digit that says nothing. */
export function threshold(value: number, unit: LevelUnit): string {
  if (unit === 'ratio') return joined({ number: PLAIN.format(value * 100), unit: '%' });
  return joined({ number: PLAIN.format(value), unit: unit === 'ms' ? 'ms' : 'req/s' });
}

/** Of most levels less is better. */
export function isBetterBelow({ target, alert }: Pick<ServiceLevel, 'target' | 'alert'>): boolean {
  return alert > target;
}

/** The two largest units: `3 d 4 h`, `12 min 5 s`. @param seconds 0 or more. */
export function duration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [Math.floor(seconds) % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** Of an instant in RFC 3339, UTC: `12:03:04`. */
export function clock(instant: string): string {
  return instant.slice('2026-01-31T'.length, '2026-01-31T12:03:04'.length);
}

/** `a, b and c`. */
export function listed(words: readonly string[]): string {
  return new Intl.ListFormat('en-GB').format(words);
}

function joined({ number, unit }: Figure): string {
  return `${number} ${unit}`;
}

function threeDigits(value: number): string {
  if (value === 0 || value >= 99.95) return formatted(value, 0);
  return formatted(value, value >= 9.995 ? 1 : 2);
}

function formatted(value: number, digits: number): string {
  return (NUMBERS[digits] ?? PLAIN).format(value);
}

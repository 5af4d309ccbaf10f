export type LevelName = 'response_time_p95_ms' | 'error_rate' | 'requests_per_second' | 'cpu' | 'memory';
export type LevelUnit = 'ms' | 'ratio' | '1/s';
export type LevelState = 'ok' | 'warn' | 'alert' | 'unknown';

/** What is promised. Where `alert` is below `target`, more is better. */
export interface Level {
  readonly name: LevelName;
  readonly unit: LevelUnit;
  readonly target: number;
  readonly alert: number;
  /** Of values. */
  readonly decimals: number;
}

export const LEVELS: readonly Level[] = [
  { name: 'response_time_p95_ms', unit: 'ms', target: 200, alert: 500, decimals: 1 },
  { name: 'error_rate', unit: 'ratio', target: 0.001, alert: 0.01, decimals: 5 },
  { name: 'requests_per_second', unit: '1/s', target: 1_000, alert: 500, decimals: 0 },
  { name: 'cpu', unit: 'ratio', target: 0.7, alert: 0.85, decimals: 4 },
  { name: 'memory', unit: 'ratio', target: 0.8, alert: 0.9, decimals: 4 },
];

/** `ok` on the good side of the target, `alert` beyond the threshold, `warn` between them and on either. */
export function stateOf({ target, alert }: Pick<Level, 'target' | 'alert'>, value: number | null): LevelState {
  if (value === null) return 'unknown';
  const direction = alert > target ? 1 : -1;
  if ((value - target) * direction < 0) return 'ok';
  return (value - alert) * direction > 0 ? 'alert' : 'warn';
}

export function rounded({ decimals }: Level, value: number | null): number | null {
  return value === null ? null : Number(value.toFixed(decimals));
}

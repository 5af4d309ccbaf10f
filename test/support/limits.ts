import { expect } from '@jest/globals';
import type { Reply } from './api-client.js';

export interface Limit {
  readonly policy: string;
  readonly quota: number;
  readonly windowS: number;
  readonly remaining: number;
  readonly t: number;
}

/** What an answer tells of its limit; its five headers must say the same. */
export function limitOf({ headers }: Pick<Reply, 'headers'>): Limit {
  const policy = /^"(\w+)";q=(\d+);w=(\d+)$/.exec(headers['ratelimit-policy'] ?? '');
  const state = /^"(\w+)";r=(\d+);t=(\d+)$/.exec(headers['ratelimit'] ?? '');
  if (!policy || !state || policy[1] !== state[1]) throw new Error(`no limit in ${JSON.stringify(headers)}`);
  const [quota, windowS, remaining, t] = [policy[2], policy[3], state[2], state[3]].map(Number);
  expect([headers['x-ratelimit-limit'], headers['x-ratelimit-remaining'], headers['x-ratelimit-reset']]).toEqual(
    [quota, remaining, t].map(String),
  );
  return { policy: policy[1] ?? '', quota: quota ?? 0, windowS: windowS ?? 0, remaining: remaining ?? 0, t: t ?? 0 };
}

/** The headers but for those that differ from request to request because limits are counted. */
export function withoutLimits<T>(headers: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.includes('ratelimit')));
}

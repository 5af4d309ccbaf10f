import { Counter, Gauge } from 'prom-client';

export const up = new Gauge({
  name: 'plinth_redis_up',
  help: '1 while Redis answers in time, 0 while it is away, or not configured.',
});
const configured = new Gauge({
  name: 'plinth_redis_configured',
  help: '1 with REDIS_URL, 0 for a single instance, which needs no Redis.',
});
export const failures = new Counter({
  name: 'plinth_redis_failures_total',
  help: 'Commands that failed: no answer in time, connection lost, or refused by Redis.',
  labelNames: ['kind'],
});

/** It is away until it has answered. */
export function showStart(isConfigured: boolean): void {
  configured.set(isConfigured ? 1 : 0);
  up.set(0);
}

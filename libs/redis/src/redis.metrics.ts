import { Counter, Gauge } from 'prom-client';

export const up = new Gauge({
  name: 'plinth_redis_up',
  help: '1 while Redis answers in time, 0 while it is away, or not configured.',
});
export const failures = new Counter({
  name: 'plinth_redis_failures_total',
  help: 'Commands that failed: no answer in time, connection lost, or refused by Redis.',
  labelNames: ['kind'],
});

import { Counter, Gauge } from 'prom-client';
import type { Source } from './source.js';

const requests = new Counter({
  name: 'plinth_cache_requests_total',
  help: 'Values asked of the cache, by where they came from: memory, Redis, served stale, or loaded.',
  labelNames: ['source'],
});

/** Prepared once: to look a child up by its labels costs more than an L1 hit. */
export const served: Readonly<Record<Source, { inc(): void }>> = {
  L1: requests.labels('l1'),
  L2: requests.labels('l2'),
  stale: requests.labels('stale'),
  loaded: requests.labels('loaded'),
};

export const loads = new Counter({
  name: 'plinth_cache_loads_total',
  help: 'Loads, by outcome: loaded or failed.',
  labelNames: ['outcome'],
});

export const sharedFailures = new Counter({
  name: 'plinth_cache_redis_failures_total',
  help: 'Times that Redis could not be used, by step.',
  labelNames: ['step'],
});

export const invalidations = new Counter({
  name: 'plinth_cache_invalidations_total',
  help: 'Invalidations: acknowledged by all instances, not by all in time, or deferred until Redis is back.',
  labelNames: ['outcome'],
});

const entries = new Gauge({ name: 'plinth_cache_memory_entries', help: 'Entries in the memory of the process.' });
const bytes = new Gauge({ name: 'plinth_cache_memory_bytes', help: 'Their size, as JSON text.' });

/** Tells the size of L1 whenever it has changed. */
export function tellMemory(size: { readonly entries: number; readonly bytes: number }): void {
  entries.set(size.entries);
  bytes.set(size.bytes);
}

import { Counter, Gauge, Histogram } from 'prom-client';
import { isAway, isReadTimeout, isRetryable, isTimeout } from './database-errors.js';

export const queryDuration = new Histogram({
  name: 'plinth_database_query_duration_seconds',
  help: 'How long statements took, BEGIN and COMMIT too.',
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
});

const failures = new Counter({
  name: 'plinth_database_query_failures_total',
  help: 'Statements that failed: timeout, away (not reached), conflict (deadlock, serialization), or refused.',
  labelNames: ['kind'],
});
for (const kind of ['timeout', 'away', 'conflict', 'refused']) failures.inc({ kind }, 0);

export function countFailure(error: unknown): void {
  failures.inc({ kind: kindOf(error) });
}

function kindOf(error: unknown): string {
  if (isTimeout(error) || isReadTimeout(error)) return 'timeout';
  if (isAway(error)) return 'away';
  return isRetryable(error) ? 'conflict' : 'refused';
}

/** What node-postgres tells of a pool. */
export interface Pool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  readonly options: { readonly max: number };
}

type Pools = ReadonlyMap<string, readonly Pool[]>;

/** Those of each application of the process, by what they are for. */
const sources = new Set<() => Pools>();

const connections: Gauge = new Gauge({
  name: 'plinth_database_connections',
  help: 'Connections of the pool, by state: busy or idle.',
  labelNames: ['pool', 'state'],
  collect: (): void => tellPools(),
});
const limit = new Gauge({
  name: 'plinth_database_connections_limit',
  help: 'Connections that the pool opens at most.',
  labelNames: ['pool'],
});
const waiting = new Gauge({
  name: 'plinth_database_connection_waiters',
  help: 'Those that wait for a connection of the pool.',
  labelNames: ['pool'],
});

/** @returns ends it. */
export function showPools(source: () => Pools): () => void {
  sources.add(source);
  return () => sources.delete(source);
}

function tellPools(): void {
  for (const gauge of [connections, limit, waiting]) gauge.reset();
  for (const [name, pools] of [...sources].flatMap((source) => [...source()])) {
    for (const pool of pools) tellPool(name, pool);
  }
}

function tellPool(pool: string, { totalCount, idleCount, waitingCount, options }: Pool): void {
  connections.inc({ pool, state: 'busy' }, totalCount - idleCount);
  connections.inc({ pool, state: 'idle' }, idleCount);
  limit.inc({ pool }, options.max);
  waiting.inc({ pool }, waitingCount);
}

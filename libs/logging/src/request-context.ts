import { AsyncLocalStorage } from 'node:async_hooks';
import type { Trace } from './tracing/trace.js';

/** What is known of the request (or job) that the current call belongs to. Filled in as the request passes the rooms. */
export interface RequestContext {
  readonly requestId: string;
  /** Null when nothing is traced, and the caller named no trace. */
  readonly trace: Trace | null;
  /** Monotonic start, milliseconds of `performance.now()`. */
  readonly startedAt: number;
  userId: string | null;
  /** What the caller signed in as; empty for nobody. */
  roles: readonly string[];
  /** The controller, its method and the source line of its route; null until a route was found. */
  module: string | null;
  function: string | null;
  line: number | null;
  /** Statements sent to the database so far, and the sum of their durations in milliseconds (concurrent ones add up). */
  readonly db: { queries: number; ms: number };
}

const storage = new AsyncLocalStorage<RequestContext>();

export function newRequestContext(requestId: string, trace: Trace | null = null): RequestContext {
  return {
    requestId,
    trace,
    startedAt: performance.now(),
    userId: null,
    roles: [],
    module: null,
    function: null,
    line: null,
    db: { queries: 0, ms: 0 },
  };
}

/** Runs `work` so that everything it calls, awaited or not, sees `context`. */
export function runInContext<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}

/** The context of the running request; undefined outside of one (start-up, timers). */
export function currentContext(): RequestContext | undefined {
  return storage.getStore();
}

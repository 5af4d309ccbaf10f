import { currentContext } from '../request-context.js';
import type { Span, SpanStart, TracePosition } from './span.js';
import type { Trace } from './trace.js';

/** What records spans, where there is one. The ground floor knows this and no tracing library. */
export interface Tracer {
  /** @param parent undefined: a new trace begins. */
  start(span: SpanStart, parent: TracePosition | undefined): Span;
}

let tracer: Tracer | undefined;

/** @param next for the whole process; undefined: nothing is recorded from now on. */
export function traceWith(next: Tracer | undefined): void {
  tracer = next;
}

/**
 * The trace of a request or job that begins, for its context; who opens it ends its span.
 *
 * @param describe asked only where spans are recorded.
 * @param caller whose trace goes on.
 */
export function openTrace(describe: () => SpanStart, caller: TracePosition | undefined): Trace | null {
  if (tracer) {
    const span = tracer.start(describe(), caller);
    return { position: span, span };
  }
  return caller ? { position: caller, span: undefined } : null;
}

/**
 * A step of the request or job that the current call belongs to.
 *
 * @param describe asked only when the trace is recorded.
 * @returns undefined when it is not, or the call belongs to none.
 */
export function startSpan(describe: () => SpanStart): Span | undefined {
  const parent = currentContext()?.trace?.span;
  return parent?.isSampled ? tracer?.start(describe(), parent) : undefined;
}

/** {@link startSpan} around a piece of work; an error ends it as failed. */
export async function inSpan<T>(describe: () => SpanStart, work: (span: Span | undefined) => Promise<T>): Promise<T> {
  const span = startSpan(describe);
  try {
    const result = await work(span);
    span?.end();
    return result;
  } catch (error) {
    span?.end({ errorType: error instanceof Error ? error.name : 'Error' });
    throw error;
  }
}

import type { Span, TracePosition } from './span.js';

/** The trace that a request or a job belongs to. */
export interface Trace {
  readonly position: TracePosition;
  /** Undefined where this process traces nothing, and only knows the trace of its caller. */
  readonly span: Span | undefined;
}

/** How a position goes to the next process: https://www.w3.org/TR/trace-context/ */
export interface TraceHeaders {
  readonly traceparent: string;
  readonly tracestate?: string;
}

const TRACEPARENT =
  /^(?<version>(?!ff)[0-9a-f]{2})-(?<traceId>(?!0{32})[0-9a-f]{32})-(?<spanId>(?!0{16})[0-9a-f]{16})-(?<flags>[0-9a-f]{2})(?<rest>-.*)?$/;
const SAMPLED = 1;
/** What the standard asks to hand on; a longer one is dropped, and the trace goes on without it. */
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;

/** @returns undefined when the headers are absent or malformed: then the trace begins here, as the standard has it. */
export function readTrace(traceparent: unknown, tracestate?: unknown): TracePosition | undefined {
  const parts = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent)?.groups : undefined;
  if (!parts) return undefined;
  const { version, traceId = '', spanId = '', flags = '', rest } = parts;
  if (version === '00' && rest !== undefined) return undefined;
  return {
    traceId,
    spanId,
    isSampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0,
    ...(typeof tracestate === 'string' && TRACESTATE.test(tracestate) && { state: tracestate }),
  };
}

export function traceHeaders({ traceId, spanId, isSampled, state }: TracePosition): TraceHeaders {
  const traceparent = `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
  return state === undefined ? { traceparent } : { traceparent, tracestate: state };
}

/** For log lines; no members without a trace. The span of a caller is not ours, so it is not named. */
export function traceFields(trace: Trace | null | undefined): { trace_id?: string; span_id?: string } {
  if (!trace) return {};
  const { position, span } = trace;
  return span ? { trace_id: span.traceId, span_id: span.spanId } : { trace_id: position.traceId };
}

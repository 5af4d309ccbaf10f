/** Where a span stands: of the caller, or one of ours. */
export interface TracePosition {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Whether the trace is recorded: who comes later does as the first one does. */
  readonly isSampled: boolean;
  /** What tracing systems hand on to each other, as it came. */
  readonly state?: string;
}

/** Named as the semantic conventions of OpenTelemetry have them. Never values of statements, tokens or queries of URLs. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

export interface SpanStart {
  /** Of few different ones: a route template, a kind of statement. */
  readonly name: string;
  readonly kind: 'server' | 'client' | 'producer' | 'consumer';
  readonly attributes: SpanAttributes;
}

export interface SpanEnd {
  /** What it turned out to be; the name it began with unless given. */
  readonly name?: string;
  readonly attributes?: SpanAttributes;
  /** It failed: a class of error, or a status. Never a message, which may quote values. */
  readonly errorType?: string;
}

/** A piece of work with a begin and an end. */
export interface Span extends TracePosition {
  end(how?: SpanEnd): void;
}

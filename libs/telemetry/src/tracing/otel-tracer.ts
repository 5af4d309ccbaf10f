import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Span, SpanEnd, SpanStart, TracePosition, Tracer } from '@app/logging';
import {
  createTraceState,
  ROOT_CONTEXT,
  type Span as OtelSpan,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer as Recorder,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';
import { ReportedExporter } from './reported-exporter.js';
import type { TracingSettings } from './tracing-settings.js';

/** Of spans that wait for the collector, some 2 kB each: more are dropped, whatever becomes of the collector. */
const MAX_WAITING = 4_096;
const MAX_BATCH = 512;
const BATCH_EVERY_MS = 1_000;
/** Of one batch; a collector that hangs costs nobody but the batch. */
const EXPORT_TIMEOUT_MS = 5_000;
/** At the end, for what has not been sent yet. */
const LAST_FLUSH_MS = 1_000;

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/**
 * Spans by the SDK of OpenTelemetry, sent by OTLP over HTTP. Nothing of it is registered globally: parents are given, as
 * the context of a request knows them, and nothing follows calls a second time.
 */
export class OtelTracer implements Tracer {
  private readonly provider: BasicTracerProvider;
  private readonly recorder: Recorder;

  constructor({ endpoint, serviceName, sampled }: TracingSettings) {
    const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
    const exporter = new ReportedExporter(new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS }));
    this.provider = new BasicTracerProvider({
      resource: resourceFromAttributes({ 'service.name': serviceName, 'service.instance.id': randomUUID() }),
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampled) }),
      spanProcessors: [
        new BatchSpanProcessor(exporter, {
          maxQueueSize: MAX_WAITING,
          maxExportBatchSize: MAX_BATCH,
          scheduledDelayMillis: BATCH_EVERY_MS,
          exportTimeoutMillis: EXPORT_TIMEOUT_MS,
        }),
      ],
    });
    this.recorder = this.provider.getTracer('plinth');
  }

  start({ name, kind, attributes }: SpanStart, parent: TracePosition | undefined): Span {
    const context = parent ? trace.setSpanContext(ROOT_CONTEXT, spanContext(parent)) : ROOT_CONTEXT;
    return new RecordedSpan(this.recorder.startSpan(name, { kind: KINDS[kind], attributes }, context));
  }

  /** Sends what waits, within a second. */
  async stop(): Promise<void> {
    const flushed = this.provider.shutdown().catch(() => undefined); // the exporter has said it
    await Promise.race([flushed, delay(LAST_FLUSH_MS, undefined, { ref: false })]);
  }
}

class RecordedSpan implements Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly isSampled: boolean;
  readonly state?: string;

  constructor(private readonly span: OtelSpan) {
    const { traceId, spanId, traceFlags, traceState } = span.spanContext();
    this.traceId = traceId;
    this.spanId = spanId;
    this.isSampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
    if (traceState) this.state = traceState.serialize();
  }

  end({ name, attributes, errorType }: SpanEnd = {}): void {
    if (name !== undefined) this.span.updateName(name);
    if (attributes) this.span.setAttributes(attributes);
    if (errorType !== undefined) {
      this.span.setAttribute('error.type', errorType);
      this.span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.span.end();
  }
}

function spanContext({ traceId, spanId, isSampled, state }: TracePosition) {
  return {
    traceId,
    spanId,
    traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    ...(state !== undefined && { traceState: createTraceState(state) }),
  };
}

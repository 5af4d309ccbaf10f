import { AppLogger } from '@app/logging';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
import { Counter } from 'prom-client';

type Done = Parameters<SpanExporter['export']>[1];

const exported = new Counter({
  name: 'plinth_spans_total',
  help: 'Spans that the collector took (`sent`), or did not (`lost`).',
  labelNames: ['outcome'],
});

/** Says once that the collector does not take spans, and once that it does again; the batch between them is lost. */
export class ReportedExporter implements SpanExporter {
  private readonly log = new AppLogger('Tracing');
  private isAway = false;

  constructor(private readonly exporter: SpanExporter) {}

  export(spans: ReadableSpan[], done: Done): void {
    this.exporter.export(spans, (result) => {
      const isSent = result.error === undefined;
      exported.inc({ outcome: isSent ? 'sent' : 'lost' }, spans.length);
      this.report(isSent ? undefined : (result.error?.message ?? ''));
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }

  private report(reason: string | undefined): void {
    const isAway = reason !== undefined;
    if (isAway === this.isAway) return;
    this.isAway = isAway;
    if (isAway) this.log.warn('the collector of traces does not answer: spans are lost', { reason });
    else this.log.info('the collector of traces answers again');
  }
}

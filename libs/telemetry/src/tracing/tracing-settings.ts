export interface TracingSettings {
  /** Of a collector that speaks OTLP over HTTP, as OTEL_EXPORTER_OTLP_ENDPOINT has it: without `/v1/traces`. */
  readonly endpoint: string;
  readonly serviceName: string;
  /** Share of the traces that begin here, 0 to 1. One that goes on is recorded when its caller does. */
  readonly sampled: number;
}

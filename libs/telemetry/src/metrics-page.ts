import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, register } from 'prom-client';

/** What Prometheus reads: every metric of the process. */
@Injectable()
export class MetricsPage {
  readonly contentType = register.contentType;

  /** Those of Node and of the process, once a process, however many applications it has. */
  constructor() {
    if (!register.getSingleMetric('process_cpu_seconds_total')) collectDefaultMetrics();
  }

  read(): Promise<string> {
    return register.metrics();
  }
}

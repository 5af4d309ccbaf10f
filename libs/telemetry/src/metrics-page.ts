import cluster from 'node:cluster';
import { Injectable } from '@nestjs/common';
import { AggregatorRegistry, collectDefaultMetrics, register } from 'prom-client';
import { Peers } from './processes/peers.js';

/** What Prometheus reads: every metric, of all processes on this port together. */
@Injectable()
export class MetricsPage {
  readonly contentType = register.contentType;

  /** Those of Node and of the process, once a process, however many applications it has. */
  constructor(private readonly peers: Peers) {
    peers.onAsked('metrics', () => register.getMetricsAsJSON());
    if (!register.getSingleMetric('process_cpu_seconds_total')) collectDefaultMetrics();
  }

  async read(): Promise<string> {
    if (!cluster.isWorker) return register.metrics();
    const all = (await this.peers.ask('metrics')).filter((part) => Array.isArray(part));
    return AggregatorRegistry.aggregate(all).metrics();
  }
}

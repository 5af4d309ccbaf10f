import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { traceWith } from '@app/logging';
import type { OtelTracer } from './otel-tracer.js';
import type { TracingSettings } from './tracing-settings.js';

/** Begins and ends the recording. What it needs is loaded here, and only where it is configured. */
export class Tracing implements OnModuleInit, OnApplicationShutdown {
  private tracer: OtelTracer | undefined;
  private ignoreRedis: (() => void) | undefined;

  constructor(private readonly settings: TracingSettings | undefined) {}

  async onModuleInit(): Promise<void> {
    if (!this.settings) return;
    const [{ OtelTracer }, { traceRedis }] = await Promise.all([
      import('./otel-tracer.js'),
      import('./redis-commands.js'),
    ]);
    this.tracer = new OtelTracer(this.settings);
    traceWith(this.tracer);
    this.ignoreRedis = traceRedis();
  }

  /** Requests and jobs have ended by now: what they left is sent. */
  async onApplicationShutdown(): Promise<void> {
    if (!this.tracer) return;
    traceWith(undefined);
    this.ignoreRedis?.();
    await this.tracer.stop();
  }
}

import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { JobHandler } from './job-handler.js';

/** Every {@link JobHandler} that a feature provides, by its type. */
@Injectable()
export class JobHandlers implements OnModuleInit {
  private readonly byType = new Map<string, JobHandler>();

  constructor(private readonly discovery: DiscoveryService) {}

  /** @throws Error when two handlers have one type. */
  onModuleInit(): void {
    const instances = new Set(this.discovery.getProviders().map(({ instance }): unknown => instance));
    for (const instance of instances) if (isHandler(instance)) this.add(instance);
  }

  find(type: string): JobHandler | undefined {
    return this.byType.get(type);
  }

  all(): readonly JobHandler[] {
    return [...this.byType.values()];
  }

  private add(handler: JobHandler): void {
    const { name } = handler.type;
    const other = this.byType.get(name);
    if (other) throw new Error(`${other.constructor.name} and ${handler.constructor.name} both take ${name}`);
    this.byType.set(name, handler);
  }
}

function isHandler(value: unknown): value is JobHandler {
  return value instanceof JobHandler;
}

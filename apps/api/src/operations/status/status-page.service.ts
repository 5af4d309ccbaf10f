import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import os from 'node:os';
import { Injectable } from '@nestjs/common';
import type { Html } from '@app/rest';
import { ServiceLevels } from '@app/telemetry';
import { DependenciesHealth } from './dependencies.health.js';
import type { ProcessFacts } from './status-figures.js';
import { statusPage } from './status-page.js';

const ROUTES = 8;

/** Collects what the status page shows. */
@Injectable()
export class StatusPageService {
  private readonly version = productVersion();

  constructor(
    private readonly levels: ServiceLevels,
    private readonly dependencies: DependenciesHealth,
  ) {}

  async page(): Promise<Html> {
    const { levels } = this;
    const [report, history, routes, cache, dependencies] = await Promise.all([
      levels.report(),
      levels.history(),
      levels.topRoutes(ROUTES),
      levels.cacheHitRatio(),
      this.dependencies.look(),
    ]);
    return statusPage({ report, history, routes, cache, dependencies, process: this.process() });
  }

  private process(): ProcessFacts {
    const { pid, version: node } = process;
    return { version: this.version, node, host: os.hostname(), pid, uptimeS: process.uptime() };
  }
}

/** Of the package that this file is part of, compiled or not. */
function productVersion(): string {
  const file = findPackageJSON('..', import.meta.url);
  const { version = '' }: { version?: string } = file === undefined ? {} : JSON.parse(readFileSync(file, 'utf8'));
  return version;
}

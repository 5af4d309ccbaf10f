import { type DynamicModule, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { answerUnknownPath } from '@app/problem';
import { DrainHealth } from './drain.health.js';
import { HealthController } from './health.controller.js';
import { MetricsAccess } from './metrics-access.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsServer } from './metrics-server.js';
import { ProblemPagesService } from './problem-pages.service.js';
import { ProblemsController } from './problems.controller.js';
import { RedisHealth } from './redis.health.js';
import { StatusController } from './status.controller.js';
import { DependenciesHealth } from './status/dependencies.health.js';
import { StatusPageController } from './status/status-page.controller.js';
import { StatusPageService } from './status/status-page.service.js';

/** What is served beside the API, at the root; what is not there answers 404 as in the API. */
@Module({})
export class OperationsModule implements OnApplicationBootstrap {
  constructor(private readonly host: HttpAdapterHost) {}

  /** @param metrics who may read them. */
  static forRoot(metrics: MetricsAccess): DynamicModule {
    return {
      module: OperationsModule,
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController, MetricsController, ProblemsController, StatusController, StatusPageController],
      providers: [
        DependenciesHealth,
        DrainHealth,
        MetricsServer,
        ProblemPagesService,
        RedisHealth,
        StatusPageService,
        { provide: MetricsAccess, useValue: metrics },
      ],
    };
  }

  onApplicationBootstrap(): void {
    const adapter: HttpAdapterHost['httpAdapter'] | null = this.host.httpAdapter; // a worker has none
    adapter?.use(answerUnknownPath);
  }
}

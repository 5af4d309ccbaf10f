import { Module, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { answerUnknownPath } from '@app/problem';
import { Connections } from './connections.js';
import { HealthController } from './health.controller.js';
import { ProblemPagesService } from './problem-pages.service.js';
import { ProblemsController } from './problems.controller.js';

/** What is served beside the API, at the root; what is not there answers 404 as in the API. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController, ProblemsController],
  providers: [Connections, ProblemPagesService],
})
export class OperationsModule implements OnApplicationBootstrap {
  constructor(private readonly host: HttpAdapterHost) {}

  onApplicationBootstrap(): void {
    this.host.httpAdapter.use(answerUnknownPath);
  }
}

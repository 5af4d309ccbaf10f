import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthController } from './health.controller.js';
import { ProblemPagesService } from './problem-pages.service.js';
import { ProblemsController } from './problems.controller.js';

/** What is served beside the API, at the root. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController, ProblemsController],
  providers: [ProblemPagesService],
})
export class OperationsModule {}

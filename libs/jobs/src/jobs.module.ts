import { type DynamicModule, Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Job } from './job.entity.js';
import { JobAttempts } from './worker/job-attempts.js';
import { JobBacklog } from './queue/job-backlog.js';
import { JobHandlers } from './job-handlers.js';
import { JobLines } from './lines/job-lines.entity.js';
import { JobQueue } from './queue/job-queue.js';
import { JobRunner } from './worker/job-runner.js';
import { JobSweeper } from './queue/job-sweeper.js';
import { Jobs } from './jobs.js';
import { JobsOptions } from './jobs-options.js';
import { JobWorker } from './worker/job-worker.js';
import { RunningAttempts } from './worker/running-attempts.js';

/** Work for later, and whoever does it. Needs the database. */
@Global()
@Module({})
export class JobsModule {
  static forRoot(options: JobsOptions): DynamicModule {
    return {
      module: JobsModule,
      imports: [DiscoveryModule, TypeOrmModule.forFeature([Job, JobLines])],
      providers: [
        { provide: JobsOptions, useValue: options },
        JobAttempts,
        JobBacklog,
        JobHandlers,
        JobQueue,
        JobRunner,
        JobSweeper,
        Jobs,
        JobWorker,
        RunningAttempts,
      ],
      exports: [Jobs, JobHandlers, TypeOrmModule],
    };
  }
}

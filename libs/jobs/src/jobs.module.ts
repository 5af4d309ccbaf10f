import { type DynamicModule, Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Job } from './job.entity.js';
import { JobAttempts } from './job-attempts.js';
import { JobBacklog } from './job-backlog.js';
import { JobHandlers } from './job-handlers.js';
import { JobLines } from './job-lines.entity.js';
import { JobQueue } from './job-queue.js';
import { JobRunner } from './job-runner.js';
import { JobSweeper } from './job-sweeper.js';
import { Jobs } from './jobs.js';
import { JobsOptions } from './jobs-options.js';
import { JobWorker } from './job-worker.js';
import { RunningAttempts } from './running-attempts.js';

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

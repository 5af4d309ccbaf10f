import { Module } from '@nestjs/common';
import { type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DatabaseModule } from '@app/database';
import { Job, type JobCaller, JobHandler, JobLines, type JobRun, Jobs, JobsModule, type JobType } from '@app/jobs';
import { configureLogging } from '@app/logging';
import { queueSchema } from '@app/jobs';
import { IsInt } from 'class-validator';
import { DataSource } from 'typeorm';
import { LogCapture } from './log-capture.js';
import { until } from './waiting.js';

export class CountPayload {
  @IsInt()
  readonly to: number;
}

type Work = (job: JobRun<CountPayload>) => Promise<object>;

/** Does what the test tells it. */
export class TestHandler extends JobHandler<CountPayload> {
  readonly type: JobType<CountPayload>;

  constructor(
    name: string,
    readonly work: Work,
    options: Partial<JobType<CountPayload>> = {},
  ) {
    super();
    this.type = { name, payload: CountPayload, ...options };
  }

  authorize(_payload: CountPayload | undefined, _caller: JobCaller): void {}

  run(job: JobRun<CountPayload>): Promise<object> {
    return this.work(job);
  }
}

export const ORIGIN = { createdBy: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a10', requestId: 'request-of-the-test' };

@Module({})
class Handlers {}

/** A process that has these handlers, on a migrated database; several of them share it. */
export class JobInstance {
  private constructor(
    readonly app: INestApplicationContext,
    readonly log: LogCapture,
  ) {}

  static async start(
    url: string,
    handlers: readonly JobHandler[],
    { takesJobs = true, statementTimeoutMs = 15_000 } = {},
  ): Promise<JobInstance> {
    const log = new LogCapture();
    await configureLogging({ level: 'debug', format: 'json', stream: log });
    const providers = handlers.map((handler, index) => ({ provide: `handler ${index}`, useValue: handler }));
    const database = { url, poolMax: 5, statementTimeoutMs, applicationName: 'test', migrate: 'off' as const };
    const module = {
      module: class JobsTest {},
      imports: [
        DatabaseModule.forRoot({
          ...database,
          entities: [Job, JobLines],
          migrations: [],
          foreignSchemas: [queueSchema],
        }),
        JobsModule.forRoot({ databaseUrl: url, takesJobs, path: '/api/v1/jobs' }),
        { module: Handlers, providers },
      ],
    };
    const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
    return new JobInstance(app, log);
  }

  get jobs(): Jobs {
    return this.app.get(Jobs);
  }

  get dataSource(): DataSource {
    return this.app.get(DataSource);
  }

  async read(id: string): Promise<Job> {
    return this.dataSource.getRepository(Job).findOneByOrFail({ id });
  }

  /** Waits until the job has this status. */
  async becomes(id: string, status: Job['status'], limitMs = 15_000): Promise<Job> {
    await until(async () => (await this.read(id)).status === status, limitMs);
    return this.read(id);
  }

  async stop(): Promise<void> {
    await this.app.close();
  }
}

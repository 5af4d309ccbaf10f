import { Body, Controller, Delete, Get, Post, Query, UseGuards } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentUser, FORBIDDEN, OwnerOr, Roles } from '@app/auth';
import { JOB_NOT_CANCELLABLE, JOB_NOT_FOUND, JOB_NOT_RETRYABLE } from '@app/jobs';
import {
  AcceptedAt,
  Consumes,
  CURSOR_INVALID,
  EmptyBody,
  Idempotent,
  IdParam,
  JSON_TYPE,
  LINES_TYPE,
  Operation,
  type Page,
  PrefersTotal,
} from '@app/rest';
import { JobDto } from './dto/job.dto.js';
import { ListJobsQuery } from './dto/list-jobs.query.js';
import { ProcessDto, ProcessQuery } from './dto/process.dto.js';
import { ProcessingService } from './processing.service.js';
import { StartGuard } from './start.guard.js';

/** Seconds after which it is worth asking how the job is. */
const ASK_AGAIN_S = 1;
const pathOf = ({ id }: JobDto): string => `/jobs/${id}`;

@ApiTags('Processing')
@Controller()
export class ProcessingController {
  constructor(private readonly processing: ProcessingService) {}

  @Post('process')
  @Roles('customer')
  @UseGuards(StartGuard)
  @Idempotent('optional')
  @Consumes(JSON_TYPE, LINES_TYPE)
  @AcceptedAt(pathOf, ASK_AGAIN_S)
  @ApiBody({ type: ProcessDto })
  @Operation({
    summary: 'Start a job',
    description:
      'In the background; `Location` leads to the job. `?type=` with a body of lines, one JSON value each, streams what is too large for `data`. Who may start what depends on the type.',
    answer: [202, 'The job, queued.', JobDto],
    problems: [FORBIDDEN],
  })
  async startJob(
    @Body() body: unknown,
    @Query() { type }: ProcessQuery,
    @CurrentUser() caller: Caller,
  ): Promise<JobDto> {
    return JobDto.from(await this.processing.start(body, type, caller));
  }

  @Get('jobs')
  @Roles('customer')
  @Operation({
    summary: 'List jobs',
    description: 'Own jobs, newest first; admins see those of everyone.',
    answer: [200, 'A page of jobs.', JobDto],
    paged: true,
    problems: [CURSOR_INVALID],
  })
  listJobs(
    @Query() query: ListJobsQuery,
    @CurrentUser() caller: Caller,
    @PrefersTotal() wantsTotal: boolean,
  ): Promise<Page<JobDto>> {
    return this.processing.list(query, caller, wantsTotal);
  }

  @Get('jobs/:id')
  @OwnerOr('admin')
  @Operation({
    summary: 'Read a job',
    description: 'It is removed 30 days after its end; an export of personal data, a day after.',
    answer: [200, 'The job.', JobDto],
    problems: [JOB_NOT_FOUND],
  })
  async readJob(@IdParam('id', 'The job.') id: string, @CurrentUser() caller: Caller): Promise<JobDto> {
    return JobDto.from(await this.processing.read(id, caller));
  }

  @Delete('jobs/:id')
  @OwnerOr('admin')
  @Operation({
    summary: 'Cancel a job',
    description: 'At once: nothing more is done. What was done by then stays, and `result` tells of it.',
    answer: [200, 'The job, cancelled.', JobDto],
    problems: [JOB_NOT_FOUND, JOB_NOT_CANCELLABLE],
  })
  async cancelJob(@IdParam('id', 'The job.') id: string, @CurrentUser() caller: Caller): Promise<JobDto> {
    return JobDto.from(await this.processing.cancel(id, caller));
  }

  @Post('jobs/:id/retry')
  @Roles('admin')
  @AcceptedAt(pathOf, ASK_AGAIN_S)
  @Operation({
    summary: 'Run a failed job again',
    description: 'It goes on from where it had come to.',
    answer: [202, 'The job, queued.', JobDto],
    problems: [JOB_NOT_FOUND, JOB_NOT_RETRYABLE],
  })
  async retryJob(@IdParam('id', 'The job.') id: string, @Body() _nothing: EmptyBody): Promise<JobDto> {
    return JobDto.from(await this.processing.retry(id));
  }
}

import { Controller, Get, Res } from '@nestjs/common';
import { ApiHeader, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentUser, OwnerOr } from '@app/auth';
import { JOB_NOT_FOUND } from '@app/jobs';
import { EVENTS_TYPE, IdParam, NoStore, Operation, Produces } from '@app/rest';
import type { Response } from 'express';
import { JobEventStream } from './job-event-stream.js';
import { JobWatch } from './job-watch.js';
import { ProcessingService } from './processing.service.js';

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Accel-Buffering': 'no', // nginx would wait for a buffer full of events
};

const MEANING = 'States of the job, until it has ended.';
const EXAMPLE = 'id: 7\nevent: done\ndata: {"id":"01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11","status":"succeeded"}\n\n';

@ApiTags('Processing')
@Controller('jobs')
export class JobEventsController {
  constructor(
    private readonly processing: ProcessingService,
    private readonly watch: JobWatch,
  ) {}

  @Get(':id/events')
  @OwnerOr('admin')
  @NoStore()
  @Produces(EVENTS_TYPE)
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'Id of the last event that the reader has got.',
    schema: { type: 'string' },
    example: '7',
  })
  @ApiResponse({
    status: 200,
    description: '',
    content: { [EVENTS_TYPE]: { schema: { type: 'string' }, example: EXAMPLE } },
  })
  @Operation({
    summary: 'Follow a job',
    description:
      'Server-sent events: `progress` with the job as data, and `done` as the last one. Their ids grow. A comment every 15 seconds keeps the line open; a stream is ended after a quarter of an hour and can be taken up with `Last-Event-ID`.',
    answer: [200, MEANING],
    problems: [JOB_NOT_FOUND],
  })
  async followJob(
    @IdParam('id', 'The job.') id: string,
    @CurrentUser() caller: Caller,
    @Res() response: Response,
  ): Promise<void> {
    const job = await this.processing.read(id, caller);
    response.set(HEADERS).flushHeaders();
    new JobEventStream(response).open(job, Number(response.req.get('last-event-id')) || 0, this.watch);
  }
}

import { Module } from '@nestjs/common';
import { JobEventsController } from './job-events.controller.js';
import { JobWatch } from './job-watch.js';
import { ProcessingController } from './processing.controller.js';
import { ProcessingService } from './processing.service.js';

/** Jobs over HTTP. What they do is the matter of the features whose handlers the jobs lib finds. */
@Module({
  controllers: [ProcessingController, JobEventsController],
  providers: [JobWatch, ProcessingService],
})
export class ProcessingModule {}

import { JOB_STATUSES, type JobStatus } from '@app/jobs';
import { OneOfField, PageQuery, TextField } from '@app/rest';

export class ListJobsQuery extends PageQuery {
  @OneOfField({
    description: 'Jobs in this state.',
    values: JOB_STATUSES,
    example: 'failed',
    enumName: 'JobStatus',
    optional: true,
  })
  readonly status?: JobStatus;

  @TextField({ description: 'Jobs of this type.', example: 'orders.import', max: 64, optional: true })
  readonly type?: string;
}

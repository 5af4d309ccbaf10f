import { Injectable } from '@nestjs/common';
import { ForbiddenError } from '@app/auth';
import { type JobCaller, JobHandler, type JobRun } from '@app/jobs';
import { AppLogger } from '@app/logging';
import { UserNotErasableError } from '../user.errors.js';
import { UsersService } from '../users.service.js';
import { SubjectDto } from './subject.dto.js';
import { UserErasureService } from './user-erasure.service.js';

/** Makes a person unrecognisable in everything that is kept, in one commit. */
@Injectable()
export class UsersErasureHandler extends JobHandler<SubjectDto> {
  readonly type = { name: 'users.erasure', payload: SubjectDto } as const;
  private readonly log = new AppLogger(UsersErasureHandler.name);

  constructor(
    private readonly users: UsersService,
    private readonly erasure: UserErasureService,
  ) {
    super();
  }

  /**
   * Nobody erases himself: the job would end the session that asks for it, and the last admin could lock everyone out.
   *
   * @throws ForbiddenError 403, UserNotErasableError 409 for one's own account, UserNotFoundError 404.
   */
  async authorize(payload: SubjectDto | undefined, caller: JobCaller): Promise<void> {
    if (!caller.has('admin')) throw new ForbiddenError('Only admins erase users.');
    if (!payload) return;
    if (payload.userId === caller.id) throw new UserNotErasableError('Another admin has to erase this account.');
    await this.users.assertExists(payload.userId);
  }

  /** @throws UserNotErasableError when nobody else could sign in as an admin afterwards. */
  async run(job: JobRun<SubjectDto>): Promise<object> {
    const { userId } = job.payload;
    await job.commit((manager) => this.erasure.erase(userId, manager), { done: 1, total: 1 });
    this.log.info('user erased', { subject: userId });
    return { userId };
  }
}

import { Injectable } from '@nestjs/common';
import { ForbiddenError } from '@app/auth';
import { type JobCaller, JobHandler, type JobRun } from '@app/jobs';
import { DataSource, type EntityManager } from 'typeorm';
import { User } from '../user.entity.js';
import { UserNotFoundError } from '../user.errors.js';
import { UsersService } from '../users.service.js';
import type { Person } from './personal-data.js';
import { PersonalDataRegistry } from './personal-data.registry.js';
import { SubjectDto } from './subject.dto.js';

/** A result holds all that is known of a person: it is there for as long as he needs to fetch it. */
const KEPT_FOR_S = 86_400;

/** Everything that is held on one person, as of one moment. */
@Injectable()
export class UsersExportHandler extends JobHandler<SubjectDto> {
  readonly type = { name: 'users.export', payload: SubjectDto, keptForS: KEPT_FOR_S } as const;

  constructor(
    private readonly users: UsersService,
    private readonly registry: PersonalDataRegistry,
    private readonly dataSource: DataSource,
  ) {
    super();
  }

  /** @throws ForbiddenError 403 for somebody else's, UserNotFoundError 404 (admins only). */
  async authorize(payload: SubjectDto | undefined, caller: JobCaller): Promise<void> {
    if (!payload) return; // everybody has data of his own
    if (caller.has('admin')) return this.users.assertExists(payload.userId);
    if (payload.userId !== caller.id) throw new ForbiddenError('Only admins export the data of others.');
  }

  /** @throws UserNotFoundError when he is gone; what the database says when he changes meanwhile, for another attempt. */
  async run({ payload: { userId } }: JobRun<SubjectDto>): Promise<object> {
    return this.dataSource.transaction('REPEATABLE READ', async (manager) => {
      const person = await lockedPerson(userId, manager);
      const sections: [string, unknown][] = [];
      for (const data of this.registry.all()) sections.push([data.section, await data.collect(person, manager)]);
      return { exportedAt: new Date().toISOString(), ...Object.fromEntries(sections) };
    });
  }
}

/**
 * The first statement of the transaction: without the lock, an erasure that has begun would not know of an export that
 * begins now, whose result would keep what is being erased. One that waits for an erasure is refused after it: its snapshot
 * is older.
 */
async function lockedPerson(userId: string, manager: EntityManager): Promise<Person> {
  const user = await manager.findOne(User, { where: { id: userId }, lock: { mode: 'pessimistic_read' } });
  if (!user) throw new UserNotFoundError();
  return { id: userId, emailKey: user.emailKey };
}

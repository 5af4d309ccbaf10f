import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { InvalidatesCache } from '@app/cache';
import { type EntityManager, IsNull, Repository } from 'typeorm';
import { AuditLog } from '../audit/index.js';
import { emailKeyOf } from './user.js';
import { changedBy } from './user-cache.js';
import { User } from './user.entity.js';

/** What signing in needs to know of users, and may change. */
@Injectable()
export class UserCredentialsService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly audit: AuditLog,
  ) {}

  /** The user who can sign in with this address; null when nobody can. */
  async findByEmail(email: string): Promise<User | null> {
    if (email.includes('\0')) return null; // no text of PostgreSQL has it
    return this.users.findOneBy({ emailKey: emailKeyOf(email), deletedAt: IsNull() });
  }

  /** The user, if he may sign in and stay signed in; his row is locked against change until the transaction ends. */
  async lockActive(id: string, manager: EntityManager): Promise<User | null> {
    const where = { id, deletedAt: IsNull(), disabled: false };
    return manager.withRepository(this.users).findOne({ where, lock: { mode: 'pessimistic_read' } });
  }

  /**
   * @param isCurrent looks at the locked row: false when what was decided before does not hold any more.
   * @returns undefined when it does not.
   */
  @InvalidatesCache(changedBy)
  async changePassword(
    id: string,
    passwordHash: string,
    by: { manager: EntityManager; isCurrent: (user: User) => boolean },
  ): Promise<User | undefined> {
    const users = by.manager.withRepository(this.users);
    const user = await users.findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
    if (!user || !by.isCurrent(user)) return undefined;
    user.passwordHash = passwordHash;
    await this.audit.record(by.manager, { action: 'credential.password_changed', subjectId: id });
    return by.manager.save(user);
  }
}

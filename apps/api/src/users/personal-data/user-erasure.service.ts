import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditLog } from '../../audit/index.js';
import { User } from '../user.entity.js';
import { UserNotErasableError, UserNotFoundError } from '../user.errors.js';
import { PersonalDataRegistry } from './personal-data.registry.js';

/** All who could sign in as admins, so that two of them cannot erase each other at the same moment. */
const LOCK_ADMINS = `
  SELECT id FROM users WHERE roles @> ARRAY['admin'] AND deleted_at IS NULL AND NOT disabled ORDER BY id FOR UPDATE`;

/** Makes a person unrecognisable in everything that is kept. */
@Injectable()
export class UserErasureService {
  constructor(
    private readonly registry: PersonalDataRegistry,
    private readonly audit: AuditLog,
  ) {}

  /** @throws UserNotFoundError 404; UserNotErasableError 409 when nobody could sign in as an admin afterwards. */
  async erase(userId: string, manager: EntityManager): Promise<void> {
    const user = await manager.findOneBy(User, { id: userId });
    if (user?.roles.includes('admin')) await assertNotLast(userId, manager);
    // From here on no row of an import finds him, and what found him before is seen by the statements that follow.
    const locked = await manager.findOne(User, { where: { id: userId }, lock: { mode: 'pessimistic_write' } });
    if (!locked) throw new UserNotFoundError();
    const person = { id: userId, emailKey: locked.emailKey };
    for (const data of this.registry.all()) await data.erase(person, manager);
    await this.audit.record(manager, { action: 'user.erased', subjectId: userId });
  }
}

async function assertNotLast(userId: string, manager: EntityManager): Promise<void> {
  const admins = await manager.query<{ id: string }[]>(LOCK_ADMINS);
  if (admins.length === 1 && admins[0]?.id === userId) {
    throw new UserNotErasableError('Nobody else can sign in as an admin.');
  }
}

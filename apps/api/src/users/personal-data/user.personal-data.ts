import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PasswordHasher } from '@app/auth';
import { Transaction } from '@app/database';
import type { EntityManager } from 'typeorm';
import { UserDto } from '../dto/user.dto.js';
import { changedBy } from '../user-cache.js';
import { User } from '../user.entity.js';
import { erasedIdentity } from '../user.js';
import { type Person, PersonalData } from './personal-data.js';

const PASSWORD_BYTES = 32;

/** The row of the user himself. */
@Injectable()
export class UserPersonalData extends PersonalData {
  readonly section = 'user';

  constructor(
    private readonly hasher: PasswordHasher,
    private readonly transaction: Transaction,
  ) {
    super();
  }

  async collect({ id: userId }: Person, manager: EntityManager): Promise<UserDto> {
    return UserDto.from(await manager.findOneByOrFail(User, { id: userId }));
  }

  /** He counts as deleted, and his sign-in would need a password that nobody has seen. */
  async erase({ id: userId }: Person, manager: EntityManager): Promise<void> {
    const user = await manager.findOneByOrFail(User, { id: userId });
    Object.assign(user, erasedIdentity(userId), {
      passwordHash: await this.hasher.hash(randomBytes(PASSWORD_BYTES).toString('base64url')),
      deletedAt: user.deletedAt ?? new Date(),
    });
    await manager.save(user);
    await this.transaction.changed(...changedBy(user));
  }
}

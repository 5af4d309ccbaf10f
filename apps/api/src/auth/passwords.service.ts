import { Injectable } from '@nestjs/common';
import { type Caller, PasswordHasher, PasswordPolicy } from '@app/auth';
import { Transaction } from '@app/database';
import { AppLogger } from '@app/logging';
import { ConcurrentUpdateError } from '@app/problem';
import { UserCredentialsService, UsersService } from '../users/index.js';
import type { ChangePasswordDto } from './dto/change-password.dto.js';
import { WrongPasswordError } from './session.errors.js';
import { SessionsService } from './sessions.service.js';

@Injectable()
export class PasswordsService {
  private readonly log = new AppLogger(PasswordsService.name);

  constructor(
    private readonly users: UsersService,
    private readonly credentials: UserCredentialsService,
    private readonly sessions: SessionsService,
    private readonly hasher: PasswordHasher,
    private readonly passwords: PasswordPolicy,
    private readonly transaction: Transaction,
  ) {}

  /**
   * Sets another password and ends the other sessions of the caller.
   *
   * @throws RequestInvalidError 422 for a weak password, WrongPasswordError 422, ConcurrentUpdateError 409.
   */
  async change({ currentPassword, newPassword }: ChangePasswordDto, caller: Caller): Promise<void> {
    const user = await this.users.read(caller.id, caller);
    await this.passwords.assertAcceptable(newPassword, { pointer: '/newPassword', own: [user.name, user.email] });
    if (!(await this.hasher.verify(currentPassword, user.passwordHash))) throw new WrongPasswordError();
    const passwordHash = await this.hasher.hash(newPassword);
    const announce = await this.transaction.run(async (manager) => {
      const isCurrent = (locked: { passwordHash: string }): boolean => locked.passwordHash === user.passwordHash;
      const changed = await this.credentials.changePassword(user.id, passwordHash, { manager, isCurrent });
      if (!changed) throw new ConcurrentUpdateError();
      return this.sessions.endOthersOf(caller, manager);
    });
    this.log.info('password changed');
    await announce();
  }
}

import { Injectable } from '@nestjs/common';
import { Caller, PasswordHasher, PasswordPolicy } from '@app/auth';
import { Transaction } from '@app/database';
import { RequestValidationPipe } from '@app/problem';
import { Precondition } from '@app/rest';
import { CreateUserDto } from './dto/create-user.dto.js';
import type { User } from './user.entity.js';
import { UserCredentialsService } from './user-credentials.service.js';
import { UserSessions } from './user-sessions.js';
import { UsersService } from './users.service.js';

const validation = new RequestValidationPipe();
const BODY = { type: 'body', metatype: CreateUserDto } as const;

/** Whoever may run commands on the database may do what an admin may. */
const OPERATOR = new Caller({ sub: '', sid: '', roles: ['admin'], exp: 0 }, ['admin']);
const ANY_VERSION = Precondition.parse('*', true);

/** Makes admins without one: for the first of them, and when the last one cannot get in any more. */
@Injectable()
export class AdminsService {
  constructor(
    private readonly users: UsersService,
    private readonly credentials: UserCredentialsService,
    private readonly sessions: UserSessions,
    private readonly hasher: PasswordHasher,
    private readonly passwords: PasswordPolicy,
    private readonly transaction: Transaction,
  ) {}

  /** @throws RequestInvalidError for what a registration is refused for, EmailTakenError. */
  async create(name: string, email: string, password: string): Promise<User> {
    const input = await registration({ name, email, password });
    return this.transaction.run(async () => this.grant(await this.users.register(input)));
  }

  /**
   * His sessions end when he was no admin before, or gets another password.
   *
   * @param password stays as it is unless given. @throws RequestInvalidError for a weak one, UserNotFoundError.
   */
  async appoint(user: User, password?: string): Promise<User> {
    const passwordHash = password === undefined ? undefined : await this.hashOf(password, user);
    return this.transaction.run(async (manager) => {
      if (passwordHash !== undefined) {
        await this.credentials.changePassword(user.id, passwordHash, { manager, isCurrent: () => true });
        await this.transaction.afterCommit(await this.sessions.endAll(user.id, manager));
      }
      return this.grant(user);
    });
  }

  private grant({ id, roles }: User): Promise<User> {
    return this.users.change(id, { roles: [...roles, 'admin'] }, { caller: OPERATOR, precondition: ANY_VERSION });
  }

  private async hashOf(password: string, { name, email }: User): Promise<string> {
    await registration({ name, email, password });
    await this.passwords.assertAcceptable(password, { pointer: '/password', own: [name, email] });
    return this.hasher.hash(password);
  }
}

/** By the rules of `POST /users`. */
async function registration(input: object): Promise<CreateUserDto> {
  const valid: unknown = await validation.transform(input, BODY);
  if (valid instanceof CreateUserDto) return valid;
  throw new Error('the validation gives back an instance of its class');
}

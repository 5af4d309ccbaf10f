import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type Caller, ForbiddenError, PasswordHasher, PasswordPolicy } from '@app/auth';
import { CacheResult, InvalidatesCache } from '@app/cache';
import { idAfter, newId, Transaction, violatesUnique } from '@app/database';
import { AppLogger } from '@app/logging';
import { type Page, Pagination, type Precondition } from '@app/rest';
import { type EntityManager, IsNull, Repository } from 'typeorm';
import { AuditLog } from '../audit/index.js';
import type { CreateUserDto } from './dto/create-user.dto.js';
import type { ListUsersQuery } from './dto/list-users.query.js';
import type { PatchUserDto } from './dto/patch-user.dto.js';
import { UserDto } from './dto/user.dto.js';
import { UserListingDto } from './dto/user-listing.dto.js';
import { completeRoles, emailKeyOf, isErased } from './user.js';
import { historyOf, type Registered } from './user-audit.js';
import { matching } from './user-conditions.js';
import { User } from './user.entity.js';
import { changedBy, userTag } from './user-cache.js';
import { EmailTakenError, UserErasedError, UserNotDeletedError, UserNotFoundError } from './user.errors.js';
import { UserOrders } from './user-orders.js';
import { UserSessions } from './user-sessions.js';

const EMAIL_INDEX = 'users_email_key_active';
const NAME_MS = 60_000;

@Injectable()
export class UsersService {
  private readonly log = new AppLogger(UsersService.name);

  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly transaction: Transaction,
    private readonly pagination: Pagination,
    private readonly hasher: PasswordHasher,
    private readonly passwords: PasswordPolicy,
    private readonly sessions: UserSessions,
    private readonly orders: UserOrders,
    private readonly audit: AuditLog,
  ) {}

  /** @throws EmailTakenError 409; RequestInvalidError 422 for a weak password. */
  async register({ name, email, password, age = null }: CreateUserDto): Promise<User> {
    await this.passwords.assertAcceptable(password, { pointer: '/password', own: [name, email] });
    const user = this.users.create({
      id: newId(),
      name,
      email,
      emailKey: emailKeyOf(email),
      age,
      roles: ['customer'],
      passwordHash: await this.hasher.hash(password),
      deletedAt: null,
    });
    return this.refusingTakenEmail(() => this.transaction.run((manager) => this.save(user, manager)));
  }

  async list(query: ListUsersQuery, caller: Caller, wantsTotal: boolean): Promise<Page<UserListingDto>> {
    const where = matching(query);
    return this.pagination.read({ list: 'users', callerId: caller.id, query }, async ({ after, take, close }) => {
      const [found, total] = await Promise.all([
        this.users.find({
          where: { ...where, ...(after && { id: idAfter('created_at', after) }) },
          order: { createdAt: 'DESC', id: 'DESC' },
          take,
        }),
        wantsTotal ? this.users.countBy(where) : undefined,
      ]);
      const { rows, page } = close(found, ({ createdAt, id }) => ({ at: createdAt, id }));
      const summaries = query.include === 'orders' ? await this.orders.summarise(rows.map(({ id }) => id)) : undefined;
      return page(
        rows.map((user) => UserListingDto.of(user, summaries?.get(user.id))),
        total,
      );
    });
  }

  /**
   * The user, if the caller may know of him: himself, and the roles of the route's owner rule.
   *
   * @throws UserNotFoundError 404; deleted users exist for admins only.
   */
  async read(id: string, caller: Caller): Promise<User> {
    const user = await this.require(id);
    if (!caller.mayAccess(user.id) || (user.deletedAt && !caller.has('admin'))) throw new UserNotFoundError();
    return user;
  }

  /** Whoever asks; deleted users too. @throws UserNotFoundError 404 */
  async require(id: string): Promise<User> {
    const user = await this.users.findOneBy({ id });
    if (!user) throw new UserNotFoundError();
    return user;
  }

  /** Asks within the transaction that runs, which may hold the only connection. @throws UserNotFoundError 404 */
  async assertExists(id: string): Promise<void> {
    const exists = await this.transaction.run((manager) => manager.withRepository(this.users).existsBy({ id }));
    if (!exists) throw new UserNotFoundError();
  }

  /** Name of a user, as it is shown. @throws UserNotFoundError 404 */
  @CacheResult({ ttlMs: NAME_MS, scope: 'public', tags: (id: string) => [userTag(id)] })
  async nameOf(id: string): Promise<string> {
    return (await this.require(id)).name;
  }

  /** Users that are not deleted. */
  async count(): Promise<number> {
    return this.users.countBy({ deletedAt: IsNull() });
  }

  /** @throws ForbiddenError 403 when somebody but an admin sets roles or `disabled`; EmailTakenError 409. */
  async change(id: string, patch: PatchUserDto, by: { caller: Caller; precondition: Precondition }): Promise<User> {
    const { roles, disabled, email, name, age } = patch;
    if ((roles !== undefined || disabled !== undefined) && !by.caller.has('admin')) {
      throw new ForbiddenError('Only admins set roles and disabled.');
    }
    return this.update(id, by, (user) => {
      if (name !== undefined) user.name = name;
      if (age !== undefined) user.age = age;
      if (disabled !== undefined) user.disabled = disabled;
      if (roles !== undefined) user.roles = completeRoles(roles);
      if (email !== undefined) [user.email, user.emailKey] = [email, emailKeyOf(email)];
    });
  }

  /** Soft deletion: the email is free again, the sessions end, the orders stay. */
  async remove(id: string, by: { caller: Caller; precondition: Precondition }): Promise<void> {
    await this.update(id, by, (user) => {
      user.deletedAt = new Date();
    });
    this.log.info('user deleted', { subject: id });
  }

  /** @throws UserNotFoundError 404; UserNotDeletedError, UserErasedError, EmailTakenError 409. */
  async restore(id: string, precondition: Precondition): Promise<User> {
    return this.refusingTakenEmail(() =>
      this.transaction.run(async (manager) => {
        const user = await this.lock(id, manager);
        if (!user) throw new UserNotFoundError();
        precondition.assertHolds(UserDto.from(user));
        if (!user.deletedAt) throw new UserNotDeletedError();
        if (isErased(user)) throw new UserErasedError();
        const before = { ...user };
        user.deletedAt = null;
        return this.save(user, manager, before);
      }),
    );
  }

  /** Ends his sessions, too, when he is no longer who they were opened for. */
  private async update(
    id: string,
    by: { caller: Caller; precondition: Precondition },
    change: (user: User) => void,
  ): Promise<User> {
    return this.refusingTakenEmail(() =>
      this.transaction.run(async (manager) => {
        const user = await this.lock(id, manager);
        if (!user || !by.caller.mayAccess(user.id) || user.deletedAt) throw new UserNotFoundError();
        by.precondition.assertHolds(UserDto.from(user));
        const before = { ...user };
        change(user);
        const saved = await this.save(user, manager, before);
        if (access(saved) !== access(before))
          await this.transaction.afterCommit(await this.sessions.endAll(id, manager));
        return saved;
      }),
    );
  }

  @InvalidatesCache(changedBy)
  private async save(user: User, manager: EntityManager, before?: Registered): Promise<User> {
    const saved = await manager.save(user);
    await this.audit.record(manager, ...historyOf(saved, before));
    return saved;
  }

  private lock(id: string, manager: EntityManager): Promise<User | null> {
    return manager.withRepository(this.users).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  private async refusingTakenEmail<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw violatesUnique(error, EMAIL_INDEX) ? new EmailTakenError() : error;
    }
  }
}

/** What a session was opened under; a change of it ends the session. */
function access({ roles, disabled, deletedAt }: Registered): string {
  return `${roles.join()} ${disabled} ${deletedAt === null}`;
}

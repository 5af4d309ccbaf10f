import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Caller } from '@app/auth';
import { idAfter, newId, Transaction } from '@app/database';
import { AppLogger } from '@app/logging';
import { type Page, type PageQuery, Pagination } from '@app/rest';
import { type AuditEntry, AuditLog } from '../audit/index.js';
import { UserSessions } from '../users/index.js';
import {
  type EntityManager,
  type FindOptionsWhere,
  IsNull,
  LessThan,
  MoreThan,
  Not,
  Repository,
  type UpdateResult,
} from 'typeorm';
import { SessionDto } from './dto/session.dto.js';
import { RevokedSessions } from './revoked-sessions.js';
import { Session } from './session.entity.js';
import { SessionNotFoundError } from './session.errors.js';
import { REFRESH_TOKEN_MS } from './session.js';

/** Where a sign-in comes from. */
export interface Client {
  readonly userAgent: string | null;
  readonly ip: string | null;
}

const MAX_USER_AGENT = 256;
/** Ended sessions stay this long, for whoever looks into an incident. */
const KEPT_MS = 24 * 3_600_000;

/** Opens, lists and ends sessions. */
@Injectable()
export class SessionsService implements UserSessions {
  private readonly log = new AppLogger(SessionsService.name);

  constructor(
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
    private readonly transaction: Transaction,
    private readonly pagination: Pagination,
    private readonly revoked: RevokedSessions,
    private readonly audit: AuditLog,
  ) {}

  /** Opens a session in the caller's transaction, and forgets those of the user that ended long ago. */
  async open(userId: string, client: Client, manager: EntityManager): Promise<Session> {
    const sessions = manager.withRepository(this.sessions);
    const now = new Date();
    await sessions.delete({ userId, expiresAt: LessThan(new Date(now.getTime() - KEPT_MS)) });
    const session = await sessions.save(
      sessions.create({
        id: newId(),
        userId,
        lastUsedAt: now,
        expiresAt: new Date(now.getTime() + REFRESH_TOKEN_MS),
        userAgent: client.userAgent?.slice(0, MAX_USER_AGENT) ?? null,
        ip: client.ip,
        revokedAt: null,
      }),
    );
    await this.record('session.created', session, manager);
    return session;
  }

  /** Tokens were issued at `now`: the session lives as long as they can be refreshed. */
  async prolong(session: Session, now: Date, manager: EntityManager): Promise<void> {
    const expiresAt = new Date(now.getTime() + REFRESH_TOKEN_MS);
    await manager.withRepository(this.sessions).update({ id: session.id }, { lastUsedAt: now, expiresAt });
    await this.record('session.refreshed', session, manager);
  }

  async list(query: PageQuery, caller: Caller, wantsTotal: boolean): Promise<Page<SessionDto>> {
    const where = live(caller.id);
    return this.pagination.read({ list: 'sessions', callerId: caller.id, query }, async ({ after, take, close }) => {
      const [found, total] = await Promise.all([
        this.sessions.find({
          where: { ...where, ...(after && { id: idAfter('created_at', after) }) },
          order: { createdAt: 'DESC', id: 'DESC' },
          take,
        }),
        wantsTotal ? this.sessions.countBy(where) : undefined,
      ]);
      const { rows, page } = close(found, ({ createdAt, id }) => ({ at: createdAt, id }));
      return page(
        rows.map((session) => SessionDto.from(session, caller.sessionId)),
        total,
      );
    });
  }

  /** @throws SessionNotFoundError 404 for a session of somebody else, too. */
  async end(id: string, caller: Caller): Promise<void> {
    const ended = await this.endWhere({ ...live(caller.id), id });
    if (ended === 0) throw new SessionNotFoundError();
  }

  /** For whoever holds one of its tokens: its user, as far as anybody can tell. One that has ended is no error. */
  async endById(id: string): Promise<void> {
    await this.endWhere({ id, revokedAt: IsNull() }, ({ userId }) => ({ actorId: userId }));
  }

  /** A token of it was used twice: nobody can tell who did that. */
  async endFamily(id: string): Promise<void> {
    await this.endWhere({ id, revokedAt: IsNull() }, () => ({ action: 'session.family_revoked', actorId: null }));
  }

  async endAllOf(userId: string): Promise<void> {
    await this.endWhere(live(userId));
  }

  /** Ends the other sessions of the caller in the given transaction; {@link UserSessions.endAll} says what is returned. */
  async endOthersOf(caller: Caller, manager: EntityManager): Promise<() => Promise<void>> {
    return (await this.endIn(manager, { ...live(caller.id), id: Not(caller.sessionId) })).announce;
  }

  async endAll(userId: string, manager: EntityManager): Promise<() => Promise<void>> {
    return (await this.endIn(manager, live(userId))).announce;
  }

  private async endWhere(where: FindOptionsWhere<Session>, told?: Told): Promise<number> {
    const ended = await this.transaction.run((manager) => this.endIn(manager, where, told));
    await ended.announce();
    return ended.count;
  }

  /** One statement without a list of ids: of those PostgreSQL takes 65,535, and nobody bounds the sessions of a user. */
  private async endIn(manager: EntityManager, where: FindOptionsWhere<Session>, told?: Told): Promise<Ended> {
    const sessions = manager.withRepository(this.sessions);
    const result = await sessions.update(where, { revokedAt: new Date() }, { returning: ['id', 'userId'] });
    const ended = endedBy(result);
    const ids = ended.map(({ id }) => id);
    if (ids.length === 0) return { count: 0, announce: () => Promise.resolve() };
    await this.audit.record(manager, ...ended.map((session) => ({ ...entryOf(session), ...told?.(session) })));
    const announce = await this.revoked.announce(ids, manager);
    return { count: ids.length, announce: () => this.report(ids.length, announce) };
  }

  /** Who gets tokens is signed in only with them: he did it. */
  private record(action: AuditEntry['action'], { id, userId }: Session, manager: EntityManager): Promise<void> {
    return this.audit.record(manager, { action, subjectId: id, actorId: userId, changes: { userId } });
  }

  /** After the commit: a transaction may run more than once, and a user may have any number of sessions. */
  private report(count: number, announce: () => Promise<void>): Promise<void> {
    this.log.info('sessions ended', { count });
    return announce();
  }
}

interface Ended {
  readonly count: number;
  /** For after the commit: resolves when every instance knows. */
  readonly announce: () => Promise<void>;
}

type EndedSession = Pick<Session, 'id' | 'userId'>;

/** What the log tells of an end, where it differs from {@link entryOf}. */
type Told = (session: EndedSession) => Partial<AuditEntry>;

function entryOf({ id, userId }: EndedSession): AuditEntry {
  return { action: 'session.revoked', subjectId: id, changes: { userId } };
}

function endedBy({ raw }: UpdateResult): EndedSession[] {
  const rows: readonly { readonly id: string; readonly user_id: string }[] = raw; // untyped: what RETURNING names
  return rows.map(({ id, user_id: userId }) => ({ id, userId }));
}

function live(userId: string): FindOptionsWhere<Session> {
  return { userId, revokedAt: IsNull(), expiresAt: MoreThan(new Date()) };
}

import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { InjectRepository } from '@nestjs/typeorm';
import { PasswordHasher } from '@app/auth';
import { newId, Transaction } from '@app/database';
import { AppLogger } from '@app/logging';
import { AttemptLimit } from '@app/throttling';
import { AuditLog } from '../audit/index.js';
import { emailKeyOf, type User, UserCredentialsService } from '../users/index.js';
import { type EntityManager, IsNull, Repository } from 'typeorm';
import type { TokenDto } from './dto/token.dto.js';
import { OAuthError } from './oauth.error.js';
import { RefreshToken } from './refresh-token.entity.js';
import { Session } from './session.entity.js';
import { AccountLockedError } from './session.errors.js';
import { ACCESS_TOKEN_S, judgeRefresh, newRefreshToken, REFRESH_TOKEN_MS, refreshTokenHash } from './session.js';
import { type Client, SessionsService } from './sessions.service.js';

interface Issued {
  readonly session: Session;
  readonly user: User;
  readonly refreshToken: string;
}

/** Issues, rotates and revokes the pairs of access and refresh token. */
@Injectable()
export class TokensService {
  private readonly log = new AppLogger(TokensService.name);

  constructor(
    @InjectRepository(RefreshToken) private readonly refreshTokens: Repository<RefreshToken>,
    @InjectRepository(Session) private readonly sessionRows: Repository<Session>,
    private readonly sessions: SessionsService,
    private readonly users: UserCredentialsService,
    private readonly hasher: PasswordHasher,
    private readonly jwt: JwtService,
    private readonly transaction: Transaction,
    private readonly attempts: AttemptLimit,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Failures count by account and address, whether there is such an account or not. Wrong passwords that are tried at the
   * same time get no more refusals than tried one after another, and no right one slips through a lock meanwhile.
   *
   * @throws OAuthError invalid_grant, after the same work whether the user is unknown, disabled, or the password wrong.
   * @throws AccountLockedError after too many of those, before any of that work.
   */
  async signIn(username: string, password: string, client: Client): Promise<TokenDto> {
    const attempt = this.attempts.keyOf(emailKeyOf(username), client.ip);
    await this.assertUnlocked(attempt);
    const user = await this.users.findByEmail(username);
    const matches = await this.hasher.verify(password, user?.passwordHash ?? null);
    if (!user || !matches || user.disabled) throw await this.refusal(attempt, user);
    await this.assertUnlocked(attempt);
    const opened = await this.transaction.run((manager) => this.open(user, client, manager));
    if (!opened) throw await this.refusal(attempt, user);
    await this.attempts.clear(attempt);
    this.log.info('signed in', { user_id: user.id, session: opened.session.id });
    return this.pair(opened);
  }

  /** @throws OAuthError invalid_grant; a reused token ends its session first. */
  async refresh(token: string): Promise<TokenDto> {
    const outcome = await this.transaction.run((manager) => this.rotate(token, manager));
    if (outcome === undefined) throw OAuthError.invalidGrant();
    if ('reusedIn' in outcome) {
      this.log.warn('refresh token reused; its session ends', { session: outcome.reusedIn });
      await this.sessions.endFamily(outcome.reusedIn);
      throw OAuthError.invalidGrant();
    }
    return this.pair(outcome);
  }

  /** Ends the session of a refresh or access token; one that nobody knows is no error (RFC 7009 §2.2). */
  async revoke(token: string): Promise<void> {
    const known = await this.refreshTokens.findOneBy({ tokenHash: refreshTokenHash(token) });
    const sessionId = known?.sessionId ?? (await this.sessionOfAccessToken(token));
    if (sessionId !== undefined) await this.sessions.endById(sessionId);
  }

  private async assertUnlocked(attempt: string): Promise<void> {
    const lockedMs = await this.attempts.lockedMs(attempt);
    if (lockedMs > 0) throw new AccountLockedError(lockedMs);
  }

  private async refusal(attempt: string, user: User | null): Promise<Error> {
    const { lockedMs, hasLocked } = await this.attempts.fail(attempt);
    // For nobody as for a user: it takes as long.
    const entry = { action: 'auth.locked', subjectId: user?.id ?? null } as const;
    if (hasLocked) await this.transaction.run((manager) => this.audit.record(manager, entry));
    return lockedMs > 0 ? new AccountLockedError(lockedMs) : OAuthError.invalidGrant();
  }

  /** The user was read before his password was checked: if it has changed since, or he may not sign in, nothing opens. */
  private async open(checked: User, client: Client, manager: EntityManager): Promise<Issued | undefined> {
    const user = await this.users.lockActive(checked.id, manager);
    if (user?.passwordHash !== checked.passwordHash) return undefined;
    const session = await this.sessions.open(user.id, client, manager);
    return { session, user, refreshToken: await this.issueRefreshToken(session.id, null, manager) };
  }

  /**
   * Uses of one family queue on the row of its session, so that two of them never both count as the first. The user is
   * locked before the session, as by whoever disables him or changes his password: the other order would be a deadlock.
   */
  private async rotate(token: string, manager: EntityManager): Promise<Issued | { reusedIn: string } | undefined> {
    const tokens = manager.withRepository(this.refreshTokens);
    const tokenHash = refreshTokenHash(token);
    const [known] = await tokens.find({ where: { tokenHash }, relations: { session: true } });
    const user = known?.session ? await this.users.lockActive(known.session.userId, manager) : null;
    const session = known && user ? await this.lockLive(known.sessionId, manager) : null;
    if (!session || !user) return undefined;
    const used = await tokens.findOneByOrFail({ tokenHash });
    const hasUnspentSuccessor =
      used.spentAt !== null && (await tokens.existsBy({ parentId: used.id, spentAt: IsNull() }));
    const now = new Date();
    const verdict = judgeRefresh({ ...used, hasUnspentSuccessor }, now);
    if (verdict === 'reused') return { reusedIn: session.id };
    if (verdict === 'expired') return undefined;
    if (used.spentAt === null) await tokens.update({ id: used.id }, { spentAt: now });
    await this.sessions.prolong(session, now, manager);
    return { session, user, refreshToken: await this.issueRefreshToken(session.id, used.id, manager) };
  }

  private async lockLive(id: string, manager: EntityManager): Promise<Session | null> {
    const sessions = manager.withRepository(this.sessionRows);
    return sessions.findOne({ where: { id, revokedAt: IsNull() }, lock: { mode: 'pessimistic_write' } });
  }

  private async issueRefreshToken(sessionId: string, parentId: string | null, manager: EntityManager): Promise<string> {
    const token = newRefreshToken();
    await manager.withRepository(this.refreshTokens).insert({
      id: newId(),
      sessionId,
      parentId,
      tokenHash: refreshTokenHash(token),
      expiresAt: new Date(Date.now() + REFRESH_TOKEN_MS),
      spentAt: null,
    });
    return token;
  }

  private async pair({ session, user, refreshToken }: Issued): Promise<TokenDto> {
    const claims = { sid: session.id, roles: user.roles };
    const accessToken = await this.jwt.signAsync(claims, {
      subject: user.id,
      jwtid: newId(),
      expiresIn: ACCESS_TOKEN_S,
    });
    return { access_token: accessToken, token_type: 'Bearer', expires_in: ACCESS_TOKEN_S, refresh_token: refreshToken };
  }

  private async sessionOfAccessToken(token: string): Promise<string | undefined> {
    const claims = await this.verified(token);
    return typeof claims?.['sid'] === 'string' ? claims['sid'] : undefined;
  }

  private async verified(token: string): Promise<Record<string, unknown> | undefined> {
    try {
      return await this.jwt.verifyAsync<Record<string, unknown>>(token);
    } catch {
      return undefined; // not ours, or expired: there is nothing to revoke
    }
  }
}

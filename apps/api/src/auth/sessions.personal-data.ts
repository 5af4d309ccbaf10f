import { Injectable } from '@nestjs/common';
import { Transaction } from '@app/database';
import { type Person, PersonalData } from '../users/index.js';
import type { EntityManager } from 'typeorm';
import { Session } from './session.entity.js';
import { SessionsService } from './sessions.service.js';

const FORGET_TOKENS = 'DELETE FROM refresh_tokens USING sessions s WHERE session_id = s.id AND s.user_id = $1';

/** From where and with what somebody has signed in. */
@Injectable()
export class SessionsPersonalData extends PersonalData {
  readonly section = 'sessions';

  constructor(
    private readonly sessions: SessionsService,
    private readonly transaction: Transaction,
  ) {
    super();
  }

  async collect({ id: userId }: Person, manager: EntityManager): Promise<unknown> {
    const sessions = await manager.find(Session, { where: { userId }, order: { createdAt: 'DESC', id: 'DESC' } });
    return sessions.map(({ id, createdAt, lastUsedAt, expiresAt, revokedAt, userAgent, ip }) => {
      return { id, createdAt, lastUsedAt, expiresAt, revokedAt, userAgent, ip };
    });
  }

  /** The rows stay until nobody can hold a token of theirs: an instance that starts meanwhile learns from them whom to refuse. */
  async erase({ id: userId }: Person, manager: EntityManager): Promise<void> {
    await this.transaction.afterCommit(await this.sessions.endAll(userId, manager));
    await manager.update(Session, { userId }, { userAgent: null, ip: null });
    await manager.query(FORGET_TOKENS, [userId]);
  }
}

import { randomUUID } from 'node:crypto';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { SessionDirectory } from '@app/auth';
import { AppLogger } from '@app/logging';
import { type EntityManager, IsNull, MoreThan, Repository } from 'typeorm';
import { LISTENER_NAME, RevocationChannel } from './revocation-channel.js';
import { Acknowledgements } from './acknowledgements.js';
import { Session } from './session.entity.js';
import { ACCESS_TOKEN_S } from './session.js';

const REVOKED = 'plinth_sessions_revoked';
const ACKNOWLEDGED = 'plinth_sessions_acknowledged';
/** A notification holds 8000 bytes. */
const IDS_A_NOTICE = 100;
/** An access token outlives its session by its own life at most; the minute is for clocks that differ. */
const REMEMBERED_MS = (ACCESS_TOKEN_S + 60) * 1_000;
/** How long a revocation waits for the other instances; one that cannot answer by then is cut off from PostgreSQL. */
const ACK_TIMEOUT_MS = 250;

interface Notice {
  readonly from: string;
  readonly number: number;
  readonly ids: readonly string[];
}

/**
 * Which sessions have ended, in memory: a request with a token costs no query.
 *
 * Every instance holds the sessions revoked during the life of an access token and hears of new ones by NOTIFY, sent in
 * the transaction that revokes. The revoking request waits until the others have acknowledged, so that the next request
 * anywhere is refused. While an instance does not hear, it asks the database instead.
 */
@Injectable()
export class RevokedSessions implements SessionDirectory, OnModuleInit, OnApplicationShutdown {
  private readonly log = new AppLogger(RevokedSessions.name);
  private readonly instance = randomUUID();
  /** Session id → when it was heard of. Insertion order is time order. */
  private readonly revoked = new Map<string, number>();
  private readonly acknowledgements = new Acknowledgements();

  constructor(
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
    private readonly channel: RevocationChannel,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.channel.listen([REVOKED, ACKNOWLEDGED], {
      caughtUp: () => this.load(),
      heard: (channel, payload) =>
        channel === REVOKED ? this.hear(payload) : this.acknowledgements.hear(payload, this.instance),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.channel.close();
  }

  isLive(sessionId: string): boolean | Promise<boolean> {
    if (this.revoked.has(sessionId)) return false;
    return this.channel.isOpen || this.sessions.existsBy({ id: sessionId, revokedAt: IsNull() });
  }

  /**
   * Tells every instance, when the caller's transaction commits.
   *
   * @returns for after the commit: resolves when all other instances have acknowledged, or after 250 ms.
   */
  async announce(ids: readonly string[], manager: EntityManager): Promise<() => Promise<void>> {
    const number = this.acknowledgements.begin();
    const notices = Math.ceil(ids.length / IDS_A_NOTICE);
    for (let n = 0; n < notices; n += 1) {
      const notice: Notice = { from: this.instance, number, ids: ids.slice(n * IDS_A_NOTICE, (n + 1) * IDS_A_NOTICE) };
      await manager.query('SELECT pg_notify($1, $2)', [REVOKED, JSON.stringify(notice)]);
    }
    return async () => {
      this.remember(ids);
      const expected = notices * (await this.countOthers());
      const complete = await this.acknowledgements.wait(number, expected, ACK_TIMEOUT_MS);
      if (!complete) this.log.warn('not every instance acknowledged a revocation in time', { expected });
    };
  }

  private hear(payload: string): void {
    const { from, number, ids }: Notice = JSON.parse(payload); // only instances write to this channel
    this.remember(ids);
    if (from === this.instance) return;
    this.channel
      .notify(ACKNOWLEDGED, JSON.stringify({ to: from, number }))
      .catch((error: unknown) => this.log.warn('could not acknowledge a revocation', { error }));
  }

  private remember(ids: readonly string[]): void {
    const now = Date.now();
    for (const id of ids) {
      this.revoked.delete(id); // one that is heard of again goes to the end
      this.revoked.set(id, now);
    }
    for (const [id, heardAt] of this.revoked) {
      if (now - heardAt < REMEMBERED_MS) break;
      this.revoked.delete(id);
    }
  }

  private async load(): Promise<void> {
    const revokedAt = MoreThan(new Date(Date.now() - REMEMBERED_MS));
    const sessions = await this.sessions.find({ where: { revokedAt }, select: { id: true } });
    this.remember(sessions.map(({ id }) => id));
  }

  private async countOthers(): Promise<number> {
    const rows: readonly { readonly others: number }[] = await this.sessions.query(
      `SELECT count(*)::int AS others FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1`,
      [LISTENER_NAME],
    );
    return Math.max(0, (rows[0]?.others ?? 0) - (this.channel.isOpen ? 1 : 0));
  }
}

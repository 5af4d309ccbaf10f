import { Injectable } from '@nestjs/common';
import { currentContext, inSpan, type TraceHeaders, traceHeaders } from '@app/logging';
import { DataSource, type EntityManager } from 'typeorm';
import { type Db, PgBoss, type QueueOptions } from 'pg-boss';
import type { JobType } from '../job-handler.js';
import { messageAttributes } from './message-attributes.js';
import { QUEUE_SCHEMA } from './queue-schema.js';

/** Messages carry no work: their id is what a job knows them by. They carry on the trace of who sent them. */
export interface Message extends Partial<TraceHeaders> {
  /** True when the calendar sent it: then there is no job yet. */
  readonly isScheduled?: boolean;
}

/** Of an attempt, unless its type says otherwise. */
export const DEADLINE_S = 900;
/** The queue takes a message back this much after the deadline: the worker, if it lives, is expected to be first. */
const DEADLINE_GRACE_S = 60;
/** As short as pg-boss has it. */
const HEARTBEAT_S = 10;
const DAY_S = 86_400;

/** What the queue does when nobody says anything: gives the message to the next one. All else is the job's row to decide. */
const REDELIVERY = {
  retryLimit: 1_000_000,
  retryDelay: 0,
  retryBackoff: false,
  heartbeatSeconds: HEARTBEAT_S,
  retentionSeconds: 3_650 * DAY_S,
  deleteAfterSeconds: DAY_S / 24,
  notify: true,
} as const;

/** Puts messages into the queue, through the connections of the application. */
@Injectable()
export class JobQueue {
  private readonly boss: PgBoss;

  constructor(dataSource: DataSource) {
    this.boss = new PgBoss({
      db: through(dataSource),
      schema: QUEUE_SCHEMA,
      supervise: false,
      schedule: false,
      migrate: false,
      registerInstance: false,
    });
    this.boss.on('error', () => undefined); // nothing runs by itself here: what fails rejects
  }

  /** Makes the queues of these types, or brings them up. After it, {@link send} asks for nothing but the insert. */
  async declare(types: readonly JobType<object>[]): Promise<void> {
    for (const type of types) {
      const options: QueueOptions & { notify: boolean } = {
        ...REDELIVERY,
        expireInSeconds: Math.ceil(type.deadlineS ?? DEADLINE_S) + DEADLINE_GRACE_S,
      };
      await this.boss.createQueue(type.name, options);
      await this.boss.updateQueue(type.name, options);
    }
  }

  /** Part of the transaction of the manager. @param pauseS before which nobody takes it. */
  async send(
    manager: EntityManager,
    { type, delivery }: { type: string; delivery: string },
    pauseS = 0,
  ): Promise<void> {
    const options = { id: delivery, startAfter: pauseS, db: through(manager) };
    await inSpan(
      () => ({ name: `send ${type}`, kind: 'producer', attributes: messageAttributes('send', { type, delivery }) }),
      async (span) => {
        const position = span ?? currentContext()?.trace?.position;
        await this.boss.send(type, position ? traceHeaders(position) : {}, options);
      },
    );
  }
}

function through(connection: Pick<EntityManager, 'query'>): Db {
  return { executeSql: async (text, values) => ({ rows: rowsOf(await connection.query(text, values)) }) };
}

/** TypeORM answers some statements with rows, and some with rows and their count. */
function rowsOf(answer: unknown): unknown[] {
  if (!Array.isArray(answer)) return [];
  const [rows, count]: unknown[] = answer;
  return Array.isArray(rows) && typeof count === 'number' ? rows : answer;
}

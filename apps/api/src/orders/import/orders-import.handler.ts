import { setImmediate as breath } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ForbiddenError } from '@app/auth';
import { Transaction } from '@app/database';
import { type JobCaller, JobHandler, type JobRun } from '@app/jobs';
import { AppLogger } from '@app/logging';
import { checkRow, type ImportRow, parseLine, type RawRow, type RejectedRow } from './import-row.js';
import { ImportOrdersDto } from './import-orders.dto.js';
import { ImportedOrdersService } from './imported-orders.service.js';
import { ImportResult } from './import-result.js';

const BATCH_ROWS = 500;
/** Rows that are checked at a stretch: other work of the process goes on in between. */
const STRETCH_ROWS = 20;
const DEADLINE_S = 1_800;

interface Batch {
  readonly rows: readonly ImportRow[];
  /** Line of the last row. */
  readonly done: number;
}

/** Orders from elsewhere. Each batch of rows commits with the place in the input that it ends at, and its counts. */
@Injectable()
export class OrdersImportHandler extends JobHandler<ImportOrdersDto> {
  readonly type = { name: 'orders.import', payload: ImportOrdersDto, takesLines: true, deadlineS: DEADLINE_S } as const;
  private readonly log = new AppLogger(OrdersImportHandler.name);

  constructor(
    private readonly orders: ImportedOrdersService,
    private readonly transaction: Transaction,
  ) {
    super();
  }

  authorize(_payload: ImportOrdersDto | undefined, caller: JobCaller): void {
    if (!caller.has('admin')) throw new ForbiddenError('Only admins import orders.');
  }

  async run(job: JobRun<ImportOrdersDto>): Promise<ImportResult> {
    let result = ImportResult.from(job.partial);
    for await (const batch of batchesOf(job)) {
      job.signal.throwIfAborted();
      result = await this.import(batch, result, job);
    }
    const { imported, skipped, rejected } = result;
    this.log.info('orders imported', { imported, skipped, rejected });
    return result;
  }

  /** What the batch adds to the result is known only when its rows are stored, so the commit is opened around both. */
  private import({ rows, done }: Batch, before: ImportResult, job: JobRun<ImportOrdersDto>): Promise<ImportResult> {
    return this.transaction.run(async (manager) => {
      const partial = before.plus(await this.orders.store(rows, manager));
      await job.commit(() => Promise.resolve(), { done, partial });
      return partial;
    });
  }
}

async function* batchesOf(job: JobRun<ImportOrdersDto>): AsyncGenerator<Batch> {
  let rows: ImportRow[] = [];
  for await (const raw of rowsOf(job)) {
    const row = 'errors' in raw ? raw : await checkRow(raw);
    rows.push(row);
    if (rows.length % STRETCH_ROWS === 0) await breath();
    if (rows.length < BATCH_ROWS) continue;
    yield { rows, done: row.line };
    rows = [];
  }
  const last = rows.at(-1);
  if (last) yield { rows, done: last.line };
}

/** What earlier attempts have left: entries of the array, or lines. */
async function* rowsOf(job: JobRun<ImportOrdersDto>): AsyncGenerator<RawRow | RejectedRow> {
  const { done } = job.progress;
  const { orders }: Partial<ImportOrdersDto> = job.payload;
  if (orders) {
    for (const [index, value] of orders.slice(done).entries()) yield { line: done + index + 1, value };
    return;
  }
  for await (const { number, text } of job.lines(done)) yield parseLine(number, text);
}

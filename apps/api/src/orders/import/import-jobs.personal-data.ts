import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { emailKeyOf, type Person, PersonalData } from '../../users/index.js';

/** The array of an import is kept with its job. */
interface KeptArray {
  readonly id: string;
  readonly payload: { readonly orders: readonly unknown[] };
}

/** Lines are kept until their job has succeeded. */
interface KeptLines {
  readonly jobId: string;
  readonly part: number;
  readonly lines: Buffer;
}

const ARRAYS = `
  SELECT id, payload FROM jobs WHERE type = 'orders.import' AND position($1 IN lower(payload::text)) > 0 ORDER BY id`;

const WRITE_ARRAY = `UPDATE jobs SET payload = json_build_object('orders', $2::json) WHERE id = $1`;

const LINES = `
  SELECT job_id AS "jobId", part, lines FROM job_lines JOIN jobs ON jobs.id = job_id
  WHERE type = 'orders.import' AND (job_id, part) > ($1, $2) ORDER BY job_id, part LIMIT 1`;

const WRITE_LINES = 'UPDATE job_lines SET lines = $3 WHERE job_id = $1 AND part = $2';

const FIRST: Pick<KeptLines, 'jobId' | 'part'> = { jobId: '00000000-0000-0000-0000-000000000000', part: -1 };

/** Some write it before the first line. */
const BYTE_ORDER_MARK = '\uFEFF';

const NOT_IN_ADDRESSES = /[\s"<>,;:()[\]{}]+/;

/** Rows that wait to be imported, or were, and name somebody. */
@Injectable()
export class ImportJobsPersonalData extends PersonalData {
  readonly section = 'imports';

  async collect({ emailKey }: Person, manager: EntityManager): Promise<unknown> {
    const found: unknown[] = [];
    for (const { payload } of await manager.query<KeptArray[]>(ARRAYS, [emailKey])) {
      found.push(...payload.orders.filter((row) => names(row, emailKey)));
    }
    for await (const { lines } of keptLines(manager)) {
      const rows = lines.toString('utf8').split('\n').map(readLine);
      found.push(...rows.filter((row) => names(row, emailKey)));
    }
    return found;
  }

  /** The rows give way to nothing, each at its place: a job that goes on counts the others as before. */
  async erase({ emailKey }: Person, manager: EntityManager): Promise<void> {
    for (const { id, payload } of await manager.query<KeptArray[]>(ARRAYS, [emailKey])) {
      const orders = payload.orders.map((row) => (names(row, emailKey) ? null : row));
      await manager.query(WRITE_ARRAY, [id, JSON.stringify(orders)]);
    }
    for await (const { jobId, part, lines } of keptLines(manager)) {
      const kept = without(lines, emailKey);
      if (kept.length < lines.length) await manager.query(WRITE_LINES, [jobId, part, kept]);
    }
  }
}

/** @returns the text itself when it is no JSON. */
function readLine(line: string): unknown {
  try {
    return JSON.parse(line.startsWith(BYTE_ORDER_MARK) ? line.slice(1) : line);
  } catch {
    return line;
  }
}

/** An address within another one is somebody else's. What cannot be read may name him anywhere. */
function names(row: unknown, emailKey: string): boolean {
  if (typeof row === 'string') return emailKeyOf(row).split(NOT_IN_ADDRESSES).includes(emailKey);
  const { customerEmail }: { customerEmail?: unknown } = Object(row);
  return typeof customerEmail === 'string' && emailKeyOf(customerEmail.trim()) === emailKey;
}

/** A part at a time: a body has up to 50 MB. */
async function* keptLines(manager: EntityManager): AsyncGenerator<KeptLines> {
  for (let { jobId, part } = FIRST; ;) {
    const [found] = await manager.query<KeptLines[]>(LINES, [jobId, part]);
    if (!found) return;
    yield found;
    ({ jobId, part } = found);
  }
}

/** Lines are UTF-8: those that stay are the same bytes as before. */
function without(lines: Buffer, emailKey: string): Buffer {
  const kept = lines
    .toString('utf8')
    .split('\n')
    .map((line) => (names(readLine(line), emailKey) ? '' : line));
  return Buffer.from(kept.join('\n'), 'utf8');
}

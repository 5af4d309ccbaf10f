import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, type Readable, Transform } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { eventsOf } from './events.js';
import type { Progress } from './progress.js';
import { detailOf, jobOf, type JobView, type Server, ServerError, UnreachableError } from './server.js';

export interface Import {
  readonly server: Server;
  readonly token: string;
  /** Path, or `-`. */
  readonly file: string;
  readonly stdin: Readable;
  readonly progress: Progress;
}

/** What became of an import, for the person at the terminal. */
export interface ImportReport {
  /** One line. */
  readonly summary: string;
  /** One line for each rejected row, or the reason of a failure. */
  readonly complaints: readonly string[];
}

interface RowError {
  readonly line: number;
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

interface Counts {
  readonly imported?: number;
  readonly skipped?: number;
  readonly rejected?: number;
  readonly errors?: readonly RowError[];
}

/** So many errors the server keeps. */
const MAX_LISTED = 1_000;
const SEND_RETRIES = 2;
const RECONNECT_MS = 1_000;
/** In a row, of the stream of events. */
const MAX_FAILURES = 60;
const ENDED = ['succeeded', 'failed', 'cancelled'];

/** Sends the rows and follows the job to its end. @throws ServerError; of the file system, what it throws. */
export async function importOrders(request: Import): Promise<ImportReport> {
  try {
    return report(await untilEnded(await start(request), request));
  } finally {
    request.progress.stop();
  }
}

/**
 * All tries of one run have the same key: when only the answer was lost, the job is there already. Another run has another
 * one: it is to import what has been rejected before, or was left out when the job was cancelled.
 */
async function start(request: Import): Promise<JobView> {
  const { server, token, file } = request;
  const key = randomUUID();
  for (let retriesLeft = file === '-' ? 0 : SEND_RETRIES; ; retriesLeft -= 1) {
    try {
      return await server.startImport(await open(request), token, key);
    } catch (error) {
      if (retriesLeft === 0 || !(error instanceof UnreachableError)) throw error;
    }
    await delay(RECONNECT_MS);
  }
}

/** Standard input can be read only once. */
async function open({ file, stdin, progress }: Import): Promise<Readable> {
  if (file === '-') return stdin;
  const size = await sizeOf(file);
  progress.start('Sending', size);
  let sent = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sent += chunk.length;
      progress.show(sent);
      done(null, chunk);
    },
  });
  pipeline(createReadStream(file), counted, () => undefined); // who reads hears of an error
  return counted;
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    const { code }: { code?: unknown } = Object(error);
    throw code === 'ENOENT' ? new Error(`There is no file ${file}.`, { cause: error }) : error;
  }
}

/** The job goes on whether anybody listens or not: a line that breaks is opened again. */
async function untilEnded(job: JobView, request: Import): Promise<JobView> {
  request.progress.start('Importing', job.progress.total);
  for (let failures = 0; ; failures += 1) {
    try {
      const ended = await follow(job, request);
      if (ended) return ended;
      failures = 0;
    } catch (error) {
      const isRefusal = error instanceof ServerError && !(error instanceof UnreachableError);
      if (isRefusal || failures >= MAX_FAILURES) throw error;
    }
    await delay(RECONNECT_MS);
  }
}

/** @returns undefined when the stream ends before the job does. */
async function follow({ id }: JobView, { server, token, progress }: Import): Promise<JobView | undefined> {
  for await (const { data } of eventsOf(await server.events(id, token))) {
    const value: unknown = JSON.parse(data);
    const job = jobOf(value);
    progress.show(job.progress.done, job.progress.total);
    if (ENDED.includes(job.status)) return job;
  }
  return undefined;
}

function report({ status, result, problem }: JobView): ImportReport {
  const { imported = 0, skipped = 0, rejected = 0, errors = [] }: Counts = Object(result);
  const counts = `${imported} imported, ${skipped} skipped, ${rejected} rejected`;
  const rows = errors.map(
    ({ line, pointer, code, detail }) => `line ${line}: ${pointer === '' ? '' : `${pointer} `}${code}: ${detail}`,
  );
  const more = rejected > 0 && errors.length >= MAX_LISTED ? ['Only the first errors are listed.'] : [];
  if (status === 'succeeded') return { summary: counts, complaints: [...rows, ...more] };
  const reason = status === 'failed' ? `The import has failed: ${detailOf(problem)}` : `The import was ${status}.`;
  return { summary: counts, complaints: [...rows, ...more, reason] };
}

import type { JobRun } from '@app/jobs';
import type { EntityManager } from 'typeorm';
import type { CountPayload, JobInstance } from './job-instance.js';

export type CountRun = JobRun<CountPayload>;

const EFFECTS = 'CREATE TABLE effects (job uuid, step int, PRIMARY KEY (job, step))';

/** What jobs of these tests leave: a row for each step, which nobody could take twice. */
export async function makeEffects({ dataSource }: JobInstance): Promise<void> {
  await dataSource.query(EFFECTS);
}

/** From the progress on, one row for each step, in the transaction of its progress. */
export async function count(job: CountRun): Promise<object> {
  for (let step = job.progress.done + 1; step <= job.payload.to; step += 1) await commit(job, step);
  return { counted: job.payload.to };
}

export function commit(job: CountRun, step: number): Promise<void> {
  const write = async (manager: EntityManager): Promise<void> => {
    await manager.query('INSERT INTO effects VALUES ($1, $2)', [job.id, step]);
  };
  return job.commit(write, { done: step, total: job.payload.to, partial: { counted: step } });
}

export async function effects({ dataSource }: JobInstance, id: string): Promise<number[]> {
  const rows: { step: number }[] = await dataSource.query('SELECT step FROM effects WHERE job = $1 ORDER BY step', [
    id,
  ]);
  return rows.map(({ step }) => step);
}

/** A promise, and what settles it. */
export function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

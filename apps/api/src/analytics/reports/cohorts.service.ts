import { Injectable } from '@nestjs/common';
import { Snapshot } from '@app/database';
import type { EntityManager } from 'typeorm';
import { ACTIVE, KEEP_CELLS, KEPT_CELLS, MOVED, SIZES, WRITES } from './cohorts.queries.js';
import { KeptFigures } from './kept-figures.js';
import { type Grain, grainOf } from './revenue.queries.js';

/** Users that registered in one month, and how many of them ordered in that month and in each after it. */
export interface Cohort {
  readonly users: number;
  readonly active: readonly number[];
}

export interface Cohorts {
  readonly asOf: Date;
  readonly data: readonly Cohort[];
}

/** Instants of the edges of months, ascending. Months have numbers from 1. */
type Edges = readonly Date[];

/** How often each month, and registrations, have been written to. */
interface Versions {
  readonly grain: Grain;
  /** By month; one that is not in it has no orders. Undefined when edges are finer than what is counted. */
  readonly writes: ReadonlyMap<number, number> | undefined;
  readonly moved: number;
}

/** Of one snapshot, with its horizon. */
interface Horizoned extends Versions {
  readonly horizon: string | null;
}

/** How many of each cohort, from the first on, were active: by month. */
type Activity = ReadonlyMap<number, readonly number[]>;

/**
 * Users by the month of their registration. Who was active cannot be added up: a month is counted the first time that
 * somebody asks, and kept until its orders are written to, or a registration is rewritten.
 */
@Injectable()
export class CohortsService {
  constructor(
    private readonly figures: KeptFigures,
    private readonly snapshot: Snapshot,
  ) {}

  /** @param edges of the months, one more than there are months. */
  async cohorts(edges: Edges): Promise<Cohorts> {
    const { asOf, sizes, versions, kept, counted } = await this.snapshot.readAllowingLag(
      async (manager, at, horizon) => {
        const registered = await manager.query<{ cohort: number; users: number }[]>(SIZES, [edges]);
        const current = await versionsOf(edges, manager);
        const known = await keptActivity(edges, current, manager);
        const missing = monthsWithout(known, edges, current);
        const found = await countActivity(edges, missing, manager);
        return { asOf: at, sizes: registered, versions: { ...current, horizon }, kept: known, counted: found };
      },
    );
    await this.keep(edges, versions, counted);
    const activity = new Map([...kept, ...counted]);
    const users = new Map(sizes.map((row) => [row.cohort, row.users]));
    const data = edges.slice(1).map((_, index) => ({
      users: users.get(index + 1) ?? 0,
      active: edges.slice(index + 1).map((_edge, later) => activity.get(index + 1 + later)?.[index] ?? 0),
    }));
    return { asOf, data };
  }

  private async keep(edges: Edges, { grain, writes, moved, horizon }: Horizoned, counted: Activity): Promise<void> {
    if (!writes) return;
    for (const [month, active] of counted) {
      await this.figures.keep(KEEP_CELLS, [edges, month, writes.get(month), moved, active, grain, horizon]);
    }
  }
}

async function versionsOf(edges: Edges, manager: EntityManager): Promise<Versions> {
  const grain = grainOf(edges.map((edge) => edge.getTime()));
  const [row] = await manager.query<{ moved: number }[]>(MOVED);
  const moved = row?.moved ?? 0;
  if (grain === 'exact') return { grain, writes: undefined, moved };
  const months = await manager.query<{ month: number; writes: number }[]>(WRITES, [edges, grain]);
  return { grain, writes: new Map(months.map(({ month, writes }) => [month, writes])), moved };
}

async function keptActivity(
  edges: Edges,
  { grain, writes, moved }: Versions,
  manager: EntityManager,
): Promise<Activity> {
  const activity = new Map<number, number[]>();
  if (!writes) return activity;
  const cells = await manager.query<{ month: number; cohort: number; active: number }[]>(KEPT_CELLS, [
    edges,
    [...writes.keys()],
    [...writes.values()],
    moved,
    grain,
  ]);
  for (const { month, cohort, active } of cells) {
    const months = activity.get(month) ?? [];
    months[cohort - 1] = active;
    activity.set(month, months);
  }
  return activity;
}

function monthsWithout(kept: Activity, edges: Edges, { writes }: Versions): number[] {
  const months = writes ? [...writes.keys()] : edges.slice(1).map((_, index) => index + 1);
  return months.filter((month) => !isWhole(kept.get(month), month));
}

/** Another range may have kept some of its cohorts, and not those that registered before. */
function isWhole(active: readonly number[] | undefined, month: number): boolean {
  return active !== undefined && Object.keys(active).length === month;
}

async function countActivity(edges: Edges, months: readonly number[], manager: EntityManager): Promise<Activity> {
  const activity = new Map<number, number[]>();
  for (const month of months) {
    const found = await manager.query<{ cohort: number; active: number }[]>(ACTIVE, [edges, month]);
    const active = Array.from({ length: month }, () => 0);
    for (const row of found) active[row.cohort - 1] = row.active;
    activity.set(month, active);
  }
  return activity;
}

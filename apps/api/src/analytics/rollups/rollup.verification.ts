import { Injectable } from '@nestjs/common';
import { ForbiddenError } from '@app/auth';
import { longStatement } from '@app/database';
import { type JobCaller, JobHandler, type JobRun } from '@app/jobs';
import { AppLogger } from '@app/logging';
import { VerifyRollupsDto } from './dto/verify-rollups.dto.js';

const ROLLUPS = ['revenue', 'customers', 'statuses', 'products', 'users'] as const;
const DEADLINE_S = 3_600;

/** Rows of each rollup that differed from a recount of the base tables. */
interface Verification {
  readonly differences: Readonly<Record<string, number>>;
  /** Whether they have been mended. */
  readonly mended: boolean;
}

/** Recounts, compares, and mends when it is asked to. Writers go on meanwhile. */
@Injectable()
export class RollupVerification extends JobHandler<VerifyRollupsDto> {
  readonly type = { name: 'analytics.verify', payload: VerifyRollupsDto, deadlineS: DEADLINE_S };
  private readonly log = new AppLogger(RollupVerification.name);

  authorize(_payload: VerifyRollupsDto | undefined, caller: JobCaller): void {
    if (!caller.has('admin')) throw new ForbiddenError('Only admins verify the figures.');
  }

  async run(job: JobRun<VerifyRollupsDto>): Promise<Verification> {
    const mended = job.payload.mend ?? false;
    const differences: Record<string, number> = { ...job.partial };
    const limits = { timeoutMs: DEADLINE_S * 1_000, signal: job.signal };
    for (const [done, rollup] of ROLLUPS.entries()) {
      if (done < job.progress.done) continue;
      await job.commit(
        async (manager) => {
          const statement = `SELECT analytics_verify_${rollup}($1) AS count`;
          if (mended) await manager.query('SELECT analytics_forget()');
          const [row] = await longStatement(manager, statement, { values: [mended], ...limits });
          differences[rollup] = countOf(row);
        },
        { done: done + 1, total: ROLLUPS.length, partial: differences },
      );
    }
    const result = { differences, mended };
    if (Object.values(differences).some((count) => count > 0))
      this.log.warn('rollups differ from a recount', { ...result });
    return result;
  }
}

function countOf(row: unknown): number {
  return typeof row === 'object' && row !== null && 'count' in row ? Number(row.count) : Number.NaN;
}

import { hash } from 'node:crypto';
import type { RedisConnection } from '@app/redis';
import { fallbacks } from '../rate-limit.metrics.js';
import type { MemoryRateLimitStore } from './memory-rate-limit.store.js';
import { type Charge, type Hit, RateLimitStore, type Verdict } from './rate-limit-store.js';
import { SLIDING_WINDOW } from './sliding-window.lua.js';

const PREFIX = 'plinth:limit:';
const SCRIPT_HASH = hash('sha1', SLIDING_WINDOW, 'hex');

/**
 * Counts in Redis, for all instances together. What Redis does not answer, because it is away or refuses to write, the
 * memory of the instance decides; it has heard of all that was admitted here, so that the limits go on holding.
 */
export class RedisRateLimitStore extends RateLimitStore {
  constructor(
    private readonly redis: RedisConnection,
    private readonly memory: MemoryRateLimitStore,
  ) {
    super();
  }

  override async takeAll(hits: readonly Hit[]): Promise<readonly Verdict[]> {
    let verdicts: readonly Verdict[];
    try {
      verdicts = verdictsOf(await this.evaluate(hits, hits.flatMap(takeNumbers)));
    } catch {
      fallbacks.inc({ step: 'take' });
      return this.memory.takeAll(hits);
    }
    for (const [index, hit] of hits.entries()) {
      if (hit.cost > 0 && verdicts[index]?.admitted) this.memory.note(hit);
    }
    return verdicts;
  }

  override async giveBack(charges: readonly Charge[]): Promise<void> {
    const shared = charges.filter(({ isLocal }) => !isLocal);
    await this.memory.giveBack(charges);
    if (shared.length === 0) return;
    try {
      await this.evaluate(shared, shared.flatMap(giveBackNumbers));
    } catch {
      fallbacks.inc({ step: 'give_back' });
    }
  }

  override async clear(key: string): Promise<void> {
    await this.memory.clear(key);
    try {
      await this.redis.run((client) => client.del(PREFIX + key));
    } catch {
      fallbacks.inc({ step: 'clear' });
    }
  }

  /** The script by its hash; as a whole when Redis does not have it (any more). */
  private async evaluate(hits: readonly Hit[], numbers: readonly number[]): Promise<unknown> {
    const options = { keys: hits.map(({ key }) => PREFIX + key), arguments: numbers.map(String) };
    try {
      return await this.redis.run((client) => client.evalSha(SCRIPT_HASH, options));
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return this.redis.run((client) => client.eval(SLIDING_WINDOW, options));
    }
  }
}

function takeNumbers({ limit, windowMs, cost, blockMs = 0 }: Hit): number[] {
  return [limit, Math.ceil(windowMs), cost, Math.ceil(blockMs), 0];
}

function giveBackNumbers({ limit, windowMs, cost, at }: Charge): number[] {
  return [limit, Math.ceil(windowMs), -cost, 0, at];
}

function verdictsOf(reply: unknown): readonly Verdict[] {
  if (!Array.isArray(reply)) throw new TypeError('the script answered something else');
  return reply.map((numbers: unknown) => {
    if (!Array.isArray(numbers)) throw new TypeError('the script answered something else');
    const [admitted, remaining, waitMs, resetMs, resetBeforeMs, at] = numbers.map(Number);
    return {
      admitted: admitted === 1,
      remaining: remaining ?? 0,
      waitMs: waitMs ?? 0,
      resetMs: resetMs ?? 0,
      resetBeforeMs: resetBeforeMs ?? 0,
      at: at ?? 0,
      isLocal: false,
    };
  });
}

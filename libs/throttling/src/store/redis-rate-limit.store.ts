import { hash } from 'node:crypto';
import { hashTag, type RedisConnection } from '@app/redis';
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
      verdicts = verdictsOf(await this.evaluate(hits, takeNumbers));
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
      await this.evaluate(shared, giveBackNumbers);
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

  /** One round trip: of a cluster, to each node that keeps some of the trackers. @returns a reply for each hit, in order. */
  private async evaluate<T extends Hit>(
    hits: readonly T[],
    numbers: (hit: T) => number[],
  ): Promise<readonly unknown[]> {
    const parts = this.redis.isCluster ? [...Map.groupBy(hits.entries(), ([, { key }]) => hashTag(key)).values()] : [];
    if (parts.length < 2) return this.send(hits, hits.flatMap(numbers));
    const replies: unknown[] = [];
    const answers = parts.map(async (part) => {
      const own = part.map(([, hit]) => hit);
      const found = await this.send(own, own.flatMap(numbers));
      for (const [nth, [index]] of part.entries()) replies[index] = found[nth];
    });
    await Promise.all(answers);
    return replies;
  }

  /** The script by its hash; as a whole when Redis does not have it (any more). */
  private async send(hits: readonly Hit[], numbers: readonly number[]): Promise<readonly unknown[]> {
    const reply = await this.call({ keys: hits.map(({ key }) => PREFIX + key), arguments: numbers.map(String) });
    if (!Array.isArray(reply)) throw new TypeError('the script answered something else');
    return reply;
  }

  private async call(options: { keys: string[]; arguments: string[] }): Promise<unknown> {
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

function verdictsOf(replies: readonly unknown[]): readonly Verdict[] {
  return replies.map((numbers) => {
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

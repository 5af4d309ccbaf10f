import { Injectable, type OnModuleInit } from '@nestjs/common';
import { RedisConnection } from '@app/redis';
import { MAX_LAG_MS } from './replica.js';

/** What was written before is on every replica that is read at all; the rest is for clocks and samples. */
const REMEMBERED_MS = MAX_LAG_MS + 5_000;
const PREFIX = 'plinth:written:';

/** The furthest position stays, whatever order two writes of a caller are told in. */
const ADVANCE = `
  local known = tonumber(redis.call('GET', KEYS[1]) or '0')
  redis.call('SET', KEYS[1], string.format('%.0f', math.max(known, tonumber(ARGV[1]))), 'PX', ARGV[2])`;

interface Remembered {
  readonly position: number;
  readonly until: number;
}

/** How far the log of the primary was when each caller last wrote, for all instances that share a Redis. */
@Injectable()
export class WrittenPositions implements OnModuleInit {
  /** Insertion order is time order. */
  private readonly own = new Map<string, Remembered>();
  /** A process that has just started, and a Redis that has just come, may have forgotten something. */
  private knowsFrom = performance.now() + REMEMBERED_MS;
  private connections = 0;

  constructor(private readonly redis: RedisConnection) {}

  onModuleInit(): void {
    this.redis.onChange((isUp) => isUp && this.shareAgain());
  }

  /** Resolves when the other instances can know. */
  async remember(caller: string, position: number): Promise<void> {
    this.note(caller, position);
    await this.share(caller, position);
  }

  /** @returns undefined when nobody can say: he may have written anything. */
  async of(caller: string): Promise<number | undefined> {
    if (performance.now() < this.knowsFrom) return undefined;
    const own = this.own.get(caller)?.position ?? 0;
    if (!this.redis.isConfigured) return own;
    try {
      const shared = await this.redis.run((client) => client.get(PREFIX + caller));
      return Math.max(own, Number(shared ?? 0));
    } catch {
      return undefined; // the primary answers
    }
  }

  /** One that was only late has forgotten nothing. */
  private shareAgain(): void {
    if (this.connections !== this.redis.connections) this.knowsFrom = performance.now() + REMEMBERED_MS;
    this.connections = this.redis.connections;
    for (const [caller, { position }] of this.own) void this.share(caller, position);
  }

  private note(caller: string, position: number): void {
    const now = performance.now();
    const known = this.own.get(caller)?.position ?? 0;
    this.own.delete(caller);
    this.own.set(caller, { position: Math.max(position, known), until: now + REMEMBERED_MS });
    for (const [other, { until }] of this.own) {
      if (until > now) break;
      this.own.delete(other);
    }
  }

  private async share(caller: string, position: number): Promise<void> {
    if (!this.redis.isConfigured) return;
    const options = { keys: [PREFIX + caller], arguments: [String(position), String(REMEMBERED_MS)] };
    await this.redis.run((client) => client.eval(ADVANCE, options)).catch(() => undefined); // again when Redis is back
  }
}

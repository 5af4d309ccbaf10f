import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { AppError } from '@app/problem';
import { loads, sharedFailures } from './cache.metrics.js';
import { type CachePolicy, type Entry, newEntry } from './entry.js';
import type { Flight } from './flights.js';
import { InvalidationChannel } from './invalidation-channel.js';
import { type Claim, type Found, RedisLevel } from './redis-level.js';

/** Another instance loads the same key: how often to look for its result, and how long. */
const LOOK_MIN_MS = 5;
const LOOK_MAX_MS = 50;
const WAIT_MAX_MS = 2_000;
const SERVER_ERROR = 500;

export interface Brought {
  readonly entry: Entry;
  readonly source: 'L2' | 'stale' | 'loaded';
}

/** What memory does not have: from Redis, or from the loader, which runs on one instance at a time. */
@Injectable()
export class SharedLoader {
  constructor(
    private readonly level: RedisLevel,
    private readonly channel: InvalidationChannel,
  ) {}

  /** Redis, then the loader; while another instance loads the same, its result is awaited. @throws what `load` throws */
  async bring(flight: Flight, load: () => Promise<unknown>, policy: CachePolicy): Promise<Brought> {
    const patientUntil = Date.now() + WAIT_MAX_MS;
    for (let pauseMs = LOOK_MIN_MS; ; pauseMs = Math.min(2 * pauseMs, LOOK_MAX_MS)) {
      const found = await this.read(flight);
      const old = found?.entry;
      if (old && Date.now() < old.freshUntil) return { entry: old, source: 'L2' };
      const claim = found && (await this.claim(flight, found));
      if (!claim || claim.isMine || Date.now() > patientUntil) return this.load(flight, load, { policy, claim, old });
      if (isServable(old)) return { entry: old, source: 'stale' };
      await delay(pauseMs);
    }
  }

  private async load(
    flight: Flight,
    load: () => Promise<unknown>,
    { policy, claim, old }: { policy: CachePolicy; claim: Claim | undefined; old: Entry | undefined },
  ): Promise<Brought> {
    let written = Promise.resolve();
    try {
      const json = JSON.stringify(await load()) ?? 'null';
      loads.inc({ outcome: 'loaded' });
      const entry = newEntry<unknown>(JSON.parse(json), policy, { now: Date.now(), random: Math.random() });
      if (claim && !flight.isDead) written = this.write(flight.key, entry, claim);
      return { entry, source: 'loaded' };
    } catch (error) {
      if (!isAnswer(error)) loads.inc({ outcome: 'failed' });
      if (isAnswer(error) || flight.isDead || !isServable(old)) throw error;
      return { entry: old, source: 'stale' };
    } finally {
      if (claim?.isMine) void written.then(() => claim.release()); // whoever gets the lock next finds the entry
    }
  }

  /** @returns undefined when Redis is away, or cannot be trusted yet: then nothing is shared. */
  private async read({ key, tags }: Flight): Promise<Found | undefined> {
    if (!this.channel.isCaughtUp) return undefined;
    return this.level.read(key, tags).catch(failed('read'));
  }

  private async claim({ key, tags }: Flight, found: Found): Promise<Claim | undefined> {
    return this.level.claim(key, tags, found).catch(failed('claim'));
  }

  private async write(key: string, entry: Entry, { tokens }: Claim): Promise<void> {
    await this.level.write(key, entry, tokens).catch(failed('write'));
  }
}

/** The source has answered: there is none, or it is not for this caller. Anything else is a failure of the source. */
export function isAnswer(error: unknown): boolean {
  return error instanceof AppError && error.problem.status < SERVER_ERROR;
}

function isServable(entry: Entry | undefined): entry is Entry {
  return entry !== undefined && Date.now() < entry.staleUntil;
}

function failed(step: string): () => undefined {
  return () => {
    sharedFailures.inc({ step });
    return undefined;
  };
}

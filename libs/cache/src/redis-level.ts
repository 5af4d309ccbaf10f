import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type RedisClient, RedisConnection } from '@app/redis';
import { KeyvAdapter } from 'cache-manager';
import { Keyv } from 'keyv';
import { type Entry, isEntry } from './entry.js';

const NAMESPACE = 'plinth:cache';
/** Tokens outlive every entry: one that is gone makes its entries invalid, never valid again. */
const TOKEN_MS = 7 * 24 * 3_600_000;
const LOCK_MS = 5_000;
/** A tag of every entry: to drop it is to drop everything. */
export const EVERYTHING = '*';

const UNLOCK = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/** As it is kept: an entry counts while each of its tokens is still the one of its tag. */
interface StoredEntry extends Entry {
  readonly tokens: readonly string[];
}

/** What Redis knows of a key. */
export interface Found {
  readonly entry: Entry | undefined;
  /** One for each tag, in order; undefined where there is none yet. */
  readonly tokens: readonly (string | undefined)[];
}

/** The right to load, and what the result will hang on. */
export interface Claim {
  /** False: another instance loads this key now. */
  readonly isMine: boolean;
  readonly tokens: readonly string[];
  release(): void;
}

/**
 * L2: Redis, by the store of cache-manager-redis-yet behind Keyv.
 *
 * Each tag has a random token, which stands in every entry that hangs on it. To invalidate is to delete the token, which
 * Redis does also when its memory is full. A load reads the tokens before it begins, so what it brings is invalid on
 * arrival when somebody invalidated meanwhile.
 */
@Injectable()
export class RedisLevel {
  private store: Keyv | undefined;
  private newStore: ((client: RedisClient) => Keyv) | undefined;

  constructor(private readonly redis: RedisConnection) {}

  /** Loads the store's package, which brings a Redis client of its own, only where Redis is configured. */
  async prepare(): Promise<void> {
    const { redisInsStore } = await import('cache-manager-redis-yet');
    this.newStore = (client) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- typed for redis 4; of a client it calls get, set, mGet and del, which are the same in 6
      const store = redisInsStore(client as never);
      // Not its `reset`, which is FLUSHDB: the keys of others in the same Redis would go, too.
      return new Keyv({
        store: new KeyvAdapter({ ...store, reset: refuseReset }),
        namespace: NAMESPACE,
        throwOnErrors: true,
        ...NO_SECOND_JSON,
      });
    };
  }

  /** One round trip. */
  async read(key: string, tags: readonly string[]): Promise<Found> {
    const found = await this.redis.run((client) =>
      this.on(client).getMany<unknown>([key, ...[EVERYTHING, ...tags].map(tokenKey)]),
    );
    const [stored, ...tokens] = found;
    const known = tokens.map((token) => (typeof token === 'string' ? token : undefined));
    const isValid = isStored(stored) && sameTokens(stored.tokens, known);
    return { entry: isValid ? stored : undefined, tokens: known };
  }

  /** Takes the right to load `key`, and makes the tokens that are missing. One round trip. */
  async claim(key: string, tags: readonly string[], { tokens }: Found): Promise<Claim> {
    const lock = `${NAMESPACE}:lock:${key}`;
    const secret = randomUUID();
    const [taken, current] = await this.redis.run((client) =>
      Promise.all([
        client.set(lock, secret, { condition: 'NX', expiration: { type: 'PX', value: LOCK_MS } }),
        tokens.includes(undefined) ? this.makeTokens(client, [EVERYTHING, ...tags]) : tokens,
      ]),
    );
    return {
      isMine: taken !== null,
      tokens: current.map((token) => token ?? randomUUID()), // one that nobody has: the entry will not count
      release: () => {
        this.redis.run((client) => client.eval(UNLOCK, { keys: [lock], arguments: [secret] })).catch(expiresByItself);
      },
    };
  }

  /** Keeps an entry that hangs on these tokens. */
  async write(key: string, entry: Entry, tokens: readonly string[]): Promise<void> {
    const stored: StoredEntry = { ...entry, tokens };
    const ttlMs = Math.max(1, entry.staleUntil - Date.now());
    await this.redis.run((client) => this.on(client).set(key, stored, ttlMs));
  }

  /** Makes everything that hangs on one of the tags invalid. */
  async drop(client: RedisClient, tags: readonly string[]): Promise<void> {
    await client.del(tags.map((tag) => `${NAMESPACE}:${tokenKey(tag)}`));
  }

  /** Sets what is missing and reads what is there then: another instance may do the same at this moment. */
  private async makeTokens(client: RedisClient, tags: readonly string[]): Promise<(string | undefined)[]> {
    const keys = tags.map(tokenKey);
    const sets = keys.map((key) =>
      client.set(`${NAMESPACE}:${key}`, JSON.stringify({ value: randomUUID() }), {
        condition: 'NX',
        expiration: { type: 'PX', value: TOKEN_MS },
      }),
    );
    const [tokens] = await Promise.all([this.on(client).getMany<string>(keys), ...sets]);
    return tokens;
  }

  private on(client: RedisClient): Keyv {
    if (!this.newStore) throw new Error('the cache has not been prepared for Redis');
    this.store ??= this.newStore(client);
    return this.store;
  }
}

/** The store makes JSON; without these Keyv would make JSON of it once more. */
const NO_SECOND_JSON = { serialize: undefined, deserialize: undefined } as object;

function tokenKey(tag: string): string {
  return `tag:${tag}`;
}

function isStored(candidate: unknown): candidate is StoredEntry {
  return isEntry(candidate) && 'tokens' in candidate && Array.isArray(candidate.tokens);
}

function sameTokens(of: readonly string[], current: readonly (string | undefined)[]): boolean {
  return of.length === current.length && of.every((token, i) => token === current[i]);
}

function refuseReset(): Promise<void> {
  return Promise.reject(new Error('the cache never empties Redis'));
}

/** A lock that could not be released ends with its time. */
function expiresByItself(): void {}

import type { RedisClient } from '../redis-client.js';

/** What becomes of a link. */
export interface LinkEvents {
  /** There, after being away. */
  readonly ready: () => void;
  /** Not there, any more or still. */
  readonly lost: (error: unknown) => void;
}

/** The way of commands to Redis, be it one or a cluster. It never makes anyone wait, and comes back by itself for ever. */
export interface RedisLink {
  readonly isReady: boolean;
  readonly client: RedisClient;
  open(): void;
  close(): void;
  /** Resolves when all of it answers and takes commands. */
  check(): Promise<void>;
  /** Whether this error is what Redis says to the command; otherwise Redis, or the part in question, is away. */
  isReply(error: unknown): boolean;
  /** @param first is done when anybody hears. @returns how many got the message. */
  publish(channel: string, message: string, first?: (client: RedisClient) => Promise<unknown>): Promise<number>;
  /** Writes and forgets, wherever writes go. @throws the refusal, when any of it refuses. */
  tryToWrite(): Promise<void>;
}

import type { LevelName, LevelState, LevelUnit } from './level.js';

/** A service level as it stands. */
export interface ServiceLevel {
  readonly name: LevelName;
  readonly unit: LevelUnit;
  /** Null: not known, with state `unknown`. */
  readonly value: number | null;
  readonly target: number;
  readonly alert: number;
  readonly state: LevelState;
}

export interface LevelReport {
  /** RFC 3339. */
  readonly asOf: string;
  readonly levels: readonly ServiceLevel[];
}

/** What a level was over the minute that ended `at` (RFC 3339); null: not known. */
export interface LevelPoint {
  readonly at: string;
  readonly value: number | null;
}

export interface LevelHistory {
  readonly name: LevelName;
  /** One a minute, oldest first, of the last hour at most. */
  readonly points: readonly LevelPoint[];
}

/** A route in the rolling window. */
export interface RouteFigures {
  readonly method: string;
  /** The template, such as `/api/v1/orders/:id`. */
  readonly route: string;
  readonly requests: number;
  /** Null: nothing but errors. */
  readonly p95Ms: number | null;
  /** Time spent on it, all requests together. */
  readonly totalMs: number;
  /** 0 to 1: answers of class 5xx. */
  readonly errorRate: number;
}

/** Shares of what the cache was asked in the rolling window, 0 to 1: from memory, from Redis, and not loaded. */
export interface CacheHitRatio {
  readonly l1: number;
  readonly l2: number;
  readonly overall: number;
}

/** How well the service is, by figures of its own. */
export abstract class ServiceLevels {
  /** The five levels over the last five minutes. */
  abstract report(): Promise<LevelReport>;

  /** In the order of {@link report}. */
  abstract history(): Promise<readonly LevelHistory[]>;

  /** @returns at most `limit`, those first that took the most time. */
  abstract topRoutes(limit?: number): Promise<readonly RouteFigures[]>;

  /** @returns null when nothing was asked. */
  abstract cacheHitRatio(): Promise<CacheHitRatio | null>;
}

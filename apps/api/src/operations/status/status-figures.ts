import type { CacheHitRatio, LevelHistory, LevelReport, RouteFigures } from '@app/telemetry';

/** What the process needs. `degraded`: away, and requests are answered all the same; `absent`: not configured. */
export interface Dependency {
  readonly name: string;
  readonly state: 'up' | 'degraded' | 'down' | 'absent';
  /** Of the last look; null where nobody waited for an answer. */
  readonly responseMs: number | null;
}

export interface ProcessFacts {
  readonly version: string;
  readonly node: string;
  readonly host: string;
  readonly pid: number;
  readonly uptimeS: number;
}

/** Everything that the page shows. */
export interface StatusFigures {
  readonly report: LevelReport;
  readonly history: readonly LevelHistory[];
  readonly routes: readonly RouteFigures[];
  readonly cache: CacheHitRatio | null;
  readonly dependencies: readonly Dependency[];
  readonly process: ProcessFacts;
}

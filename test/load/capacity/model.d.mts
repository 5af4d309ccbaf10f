/** Milliseconds of a mean request. */
export interface Cost {
  readonly serverMs: number;
  readonly databaseMs: number;
  readonly redisMs: number;
  readonly heldMs: number;
}

export interface Machines {
  readonly processes: number;
  readonly databaseCores: number;
  readonly redisNodes: number;
  readonly poolMax: number;
  readonly poolerConnections?: number;
}

export interface Capacity {
  readonly limits: readonly { readonly resource: string; readonly perSecond: number }[];
  readonly first: string;
  readonly perSecond: number;
  readonly safePerSecond: number;
  readonly poolPerProcess: number;
  readonly connections: number;
}

export function meanCost(costs: Readonly<Record<string, Cost>>, mix: Readonly<Record<string, number>>): Cost;
export function capacity(cost: Cost, machines: Machines): Capacity;
export function machinesFor(wanted: number, cost: Cost): Omit<Machines, 'poolMax' | 'poolerConnections'>;

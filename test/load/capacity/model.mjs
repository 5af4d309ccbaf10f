/** Of a database processor, an event loop, Redis: beyond this share waiting grows faster than work. */
const SAFE = 0.7;
/** Connections that bursts need beside what Little's law says of the mean. */
const BURST = 2;
/**
 * A mix takes more processor time than its parts: fewer requests of a kind come at once, and processor caches hold less of
 * each. Measured 1.23, 1.25 and 1.36 times by load:capacity --check.
 */
const MIXING = 1.25;
const PROCESSOR_TIMES = ['serverMs', 'databaseMs', 'redisMs'];

/**
 * What a mean request of a mix costs.
 *
 * @param costs by kind `{ serverMs, databaseMs, redisMs, heldMs, … }`: processor time of each, and for how long a
 *   connection of the pool is held.
 * @param mix by kind its part; parts need not add up to one.
 */
export function meanCost(costs, mix) {
  const kinds = Object.entries(mix);
  const total = kinds.reduce((sum, [, part]) => sum + part, 0);
  if (!(total > 0)) throw new Error('a mix has at least one kind');
  const mean = {};
  for (const [kind, part] of kinds) {
    if (costs[kind] === undefined) throw new Error(`nothing is known of ${kind}`);
    for (const [name, cost] of Object.entries(costs[kind])) mean[name] = (mean[name] ?? 0) + (cost * part) / total;
  }
  if (kinds.length > 1) for (const name of PROCESSOR_TIMES) mean[name] *= MIXING;
  return mean;
}

/**
 * Sustainable requests per second, by what each resource can bear alone; the smallest is what saturates first.
 *
 * @param machines `{ processes, databaseCores, redisNodes, poolMax, poolerConnections }`; a process has a processor of its
 *   own, and a node of Redis uses one. `poolerConnections`: server connections behind PgBouncer, if there is one.
 * @returns `{ limits: [{ resource, perSecond }], first, perSecond, safePerSecond, poolPerProcess, connections }`, limits
 *   in the order in which they are met.
 */
export function capacity(cost, machines) {
  const { processes, databaseCores, redisNodes, poolMax, poolerConnections = processes * poolMax } = machines;
  const held = Math.min(processes * poolMax, poolerConnections);
  const limits = [
    { resource: 'event loops', perSecond: perSecond(processes, cost.serverMs) },
    { resource: 'database processors', perSecond: perSecond(databaseCores, cost.databaseMs) },
    { resource: 'Redis', perSecond: perSecond(redisNodes, cost.redisMs) },
    { resource: 'connections', perSecond: perSecond(held, cost.heldMs) },
  ].toSorted((a, b) => a.perSecond - b.perSecond);
  const [first] = limits;
  const safePerSecond = SAFE * first.perSecond;
  const poolPerProcess = Math.max(2, Math.ceil((BURST * safePerSecond * cost.heldMs) / 1_000 / processes));
  return {
    limits,
    first: first.resource,
    perSecond: first.perSecond,
    safePerSecond,
    poolPerProcess,
    connections: poolPerProcess * processes,
  };
}

/** @returns what machines it takes for so many requests per second, none of them busier than is safe. */
export function machinesFor(wanted, cost) {
  const busy = (ms) => Math.max(1, Math.ceil((wanted * ms) / 1_000 / SAFE));
  return { processes: busy(cost.serverMs), databaseCores: busy(cost.databaseMs), redisNodes: busy(cost.redisMs) };
}

function perSecond(servers, ms) {
  return ms > 0 ? (1_000 * servers) / ms : Infinity;
}

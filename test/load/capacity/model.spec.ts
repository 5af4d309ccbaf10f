import { describe, expect, it } from '@jest/globals';
import { capacity, machinesFor, meanCost } from './model.mjs';

const READ = { serverMs: 1, databaseMs: 0.5, redisMs: 0.1, heldMs: 1 };
const WRITE = { serverMs: 3, databaseMs: 4.5, redisMs: 0.2, heldMs: 9 };
const COSTS = { read: READ, write: WRITE };
const MACHINES = { processes: 4, databaseCores: 2, redisNodes: 1, poolMax: 10 };

describe('meanCost', () => {
  it('three reads for each write → the mean and a quarter, whatever the parts add up to', () => {
    const mean = { serverMs: 1.25 * 1.5, databaseMs: 1.25 * 1.5, redisMs: 1.25 * 0.125, heldMs: 3 };
    expect(meanCost(COSTS, { read: 3, write: 1 })).toEqual(mean);
    expect(meanCost(COSTS, { read: 0.75, write: 0.25 })).toEqual(mean);
  });

  it('one kind → as it was measured', () => {
    expect(meanCost(COSTS, { read: 7 })).toEqual(READ);
  });

  it('an unknown kind, or none → refused', () => {
    expect(() => meanCost(COSTS, { stroll: 1 })).toThrow('nothing is known of stroll');
    expect(() => meanCost(COSTS, {})).toThrow('at least one kind');
  });
});

describe('capacity', () => {
  it.each([
    ['reads: the event loops', READ, {}, 'event loops', 4_000],
    ['reads with more processes: the database', READ, { processes: 16 }, 'database processors', 4_000],
    ['writes: the database', WRITE, {}, 'database processors', 444.4],
    ['slow statements: connections', { ...READ, heldMs: 50 }, {}, 'connections', 800],
    ['behind a pooler: its connections', { ...READ, heldMs: 50 }, { poolerConnections: 20 }, 'connections', 400],
    ['no database: Redis', { ...READ, serverMs: 0.01, databaseMs: 0, heldMs: 0 }, {}, 'Redis', 10_000],
  ])('%s', (_, cost, other, first, perSecond) => {
    const found = capacity(cost, { ...MACHINES, ...other });
    expect(found.first).toBe(first);
    expect(found.perSecond).toBeCloseTo(perSecond, 0);
    expect(found.safePerSecond).toBeCloseTo(0.7 * found.perSecond, 6);
  });

  it('limits → in the order in which they are met', () => {
    const { limits } = capacity(WRITE, MACHINES);
    expect(limits.map(({ resource }) => resource)).toEqual([
      'database processors',
      'event loops',
      'connections',
      'Redis',
    ]);
  });

  it('a pool → twice what is held at the safe rate, and never fewer than two', () => {
    expect(capacity({ ...READ, heldMs: 20 }, { ...MACHINES, processes: 1, databaseCores: 8 }).poolPerProcess).toBe(14);
    expect(capacity({ ...READ, heldMs: 0.1 }, MACHINES)).toMatchObject({ poolPerProcess: 2, connections: 8 });
  });
});

describe('machinesFor', () => {
  it('what they bear, safely → as much as was wanted, and with one process less not', () => {
    const machines = { ...machinesFor(1_000, WRITE), poolMax: 1_000 };
    expect(machines).toMatchObject({ processes: 5, databaseCores: 7, redisNodes: 1 });
    expect(capacity(WRITE, machines).safePerSecond).toBeGreaterThanOrEqual(1_000);
    expect(capacity(WRITE, { ...machines, processes: 4 }).safePerSecond).toBeLessThan(1_000);
  });
});

// What machines bear, from what requests cost; held against a measurement: npm run load:capacity -- --check
import { readFileSync } from 'node:fs';
import { readArguments, run, UsageError, wholeNumber } from './arguments.mjs';
import { Bench } from './capacity/bench.mjs';
import { kindsOf, USUAL_MIX } from './capacity/kinds.mjs';
import { measure } from './capacity/measure.mjs';
import { capacity, machinesFor, meanCost } from './capacity/model.mjs';
import { Endings } from './endings.mjs';

const OPTIONS = {
  costs: { type: 'string', help: 'a file of load:cost -- --json; without it, it measures by itself' },
  processes: { type: 'string', default: '1', help: 'server processes, a processor each' },
  database: { type: 'string', default: '1', help: 'processors of the database' },
  redis: { type: 'string', default: '1', help: 'nodes of Redis' },
  pool: { type: 'string', default: '10', help: 'DATABASE_POOL_MAX' },
  mix: { type: 'string', default: JSON.stringify(USUAL_MIX), help: 'kinds and their parts, as JSON' },
  wanted: { type: 'string', help: 'requests per second: what it takes' },
  check: { type: 'boolean', default: false, help: 'measures one process with the mix, and says the error' },
  rounds: { type: 'string', default: '6', help: 'a second of each kind in each, and of the mix' },
};
/** Beside the kinds: all of them. */
const MIXED = 'mixed';

await run(async () => {
  const given = readArguments('npm run load:capacity -- --check', OPTIONS);
  const mix = JSON.parse(given.mix);
  const rounds = wholeNumber('rounds', given.rounds);
  if (given.check && given.costs) throw new UsageError('--check measures the costs by itself');
  if (given.costs) return tell(JSON.parse(readFileSync(given.costs, 'utf8')), mix, given);
  return Endings.after(async (endings) => {
    const bench = await Bench.start(endings);
    const kinds = kindsOf(bench.shop);
    const nexts = Object.fromEntries(Object.keys(mix).map((kind) => [kind, kinds[kind]]));
    if (given.check) nexts[MIXED] = inTurn(kinds, mix);
    const { [MIXED]: mixed, ...found } = await measure(bench, nexts, { rounds, seconds: 1 });
    const costs = Object.fromEntries(Object.entries(found).map(([kind, { cost }]) => [kind, cost]));
    tell(costs, mix, given);
    if (mixed) check(meanCost(costs, mix), mixed);
  });
});

function tell(costs, mix, given) {
  const cost = meanCost(costs, mix);
  const machines = {
    processes: wholeNumber('processes', given.processes),
    databaseCores: wholeNumber('database', given.database),
    redisNodes: wholeNumber('redis', given.redis),
    poolMax: wholeNumber('pool', given.pool),
  };
  const found = capacity(cost, machines);
  print('a mean request', cost);
  for (const { resource, perSecond } of found.limits) print(`${resource} bear`, `${Math.round(perSecond)} requests/s`);
  print('saturates first', found.first);
  print('safe', `${Math.round(found.safePerSecond)} requests/s`);
  print('pool of a process', `${found.poolPerProcess}, ${found.connections} connections in all`);
  if (given.wanted) print(`for ${given.wanted} requests/s`, machinesFor(wholeNumber('wanted', given.wanted), cost));
}

/**
 * One process, as fast as it can. A machine that others use, too, gives it a part of a processor only: what it does with
 * a whole one is what the model says.
 */
function check(cost, { perSecond, serverShare, cost: found }) {
  print('a request of the mix, measured', found);
  const predicted = 1_000 / cost.serverMs;
  const measured = perSecond / serverShare;
  print('predicted for a processor', `${Math.round(predicted)} requests/s`);
  print('measured', `${Math.round(perSecond)} requests/s with ${serverShare.toFixed(2)} of a processor`);
  print('that is, for a processor', `${Math.round(measured)} requests/s`);
  print('error', `${(100 * (predicted / measured - 1)).toFixed(1)} %`);
}

/** Kinds as often as the mix says, evenly spread. */
function inTurn(kinds, mix) {
  const names = Object.keys(mix);
  const debts = new Map(names.map((name) => [name, 0]));
  const total = names.reduce((sum, name) => sum + mix[name], 0);
  return () => {
    for (const name of names) debts.set(name, debts.get(name) + mix[name]);
    const due = names.reduce((a, b) => (debts.get(b) > debts.get(a) ? b : a));
    debts.set(due, debts.get(due) - total);
    return kinds[due]();
  };
}

function print(name, value) {
  process.stdout.write(`${name}: ${typeof value === 'string' ? value : JSON.stringify(value, rounded)}\n`);
}

function rounded(_name, value) {
  return typeof value === 'number' ? Number(value.toFixed(3)) : value;
}

// What a request of each kind costs: npm run load:cost
import { writeFileSync } from 'node:fs';
import { readArguments, run, wholeNumber } from './arguments.mjs';
import { Bench } from './capacity/bench.mjs';
import { kindsOf } from './capacity/kinds.mjs';
import { measure } from './capacity/measure.mjs';
import { Endings } from './endings.mjs';
import { markdownTable } from './figures.mjs';

const OPTIONS = {
  rounds: { type: 'string', default: '4', help: 'a second of each kind in each' },
  json: { type: 'string', help: 'a file for the figures, to be read by load:capacity' },
};
const COLUMNS = ['serverMs', 'databaseMs', 'statements', 'redisCommands', 'redisMs', 'heldMs'];

await run(async () => {
  const given = readArguments('npm run load:cost -- --json /tmp/costs.json', OPTIONS);
  const rounds = wholeNumber('rounds', given.rounds);
  await Endings.after(async (endings) => {
    const bench = await Bench.start(endings);
    const found = await measure(bench, kindsOf(bench.shop), { rounds, seconds: 1 });
    const costs = Object.fromEntries(Object.entries(found).map(([kind, { cost }]) => [kind, cost]));
    if (given.json) writeFileSync(given.json, `${JSON.stringify(costs, undefined, 2)}\n`);
    process.stdout.write(table(costs));
  });
});

function table(costs) {
  const head = [
    'a request',
    'server CPU ms',
    'database CPU ms',
    'statements',
    'Redis commands, with those in scripts',
    'Redis CPU ms',
    'database ms, alone',
  ];
  const rows = Object.entries(costs).map(([kind, cost]) => [kind, ...COLUMNS.map((name) => cost[name].toFixed(2))]);
  return markdownTable(head, rows);
}

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { readArguments, run, wholeNumber } from './arguments.mjs';
import { markdownTable, quantile } from './figures.mjs';
import { OpenLoop, shopTraffic } from './open-loop.mjs';

const USAGE = 'npm run load:overload -- [--seconds 10] [--times 3]: what becomes of a server that is asked too much';
const LIMIT = '1000000';
const RAMP_S = 3;

await run(async () => {
  const values = readArguments(USAGE, {
    seconds: { type: 'string', default: '10', help: 'of overload' },
    times: { type: 'string', default: '3', help: 'of what it can do' },
    shedding: { type: 'string', default: 'on', help: 'on or off' },
    rate: { type: 'string', help: 'requests per second that it can do; measured unless given' },
  });
  const directory = fs.mkdtempSync('/tmp/plinth-overload-');
  const server = await start(directory, { SHEDDING: values.shedding });
  try {
    const traffic = shopTraffic(await token(server.url));
    const loop = new OpenLoop(server.url, traffic);
    await loop.run({ perSecond: 200, seconds: RAMP_S }); // warm
    const capacity = values.rate ? wholeNumber('rate', values.rate) : await capacityOf(loop);
    const perSecond = capacity * wholeNumber('times', values.times);
    const before = rssMb(server.pid);
    const watch = watchHealth(server.url);
    const startedAt = performance.now();
    const answers = await loop.run({ perSecond, seconds: wholeNumber('seconds', values.seconds) });
    const peakMb = rssMb(server.pid);
    const health = watch.stop();
    const after = await loop.run({ perSecond: Math.floor(capacity / 2), seconds: 4 });
    print({ capacity, perSecond, answers, health, before, peakMb, after, startedAt, afterMb: rssMb(server.pid) });
  } finally {
    server.child.kill('SIGTERM');
    await once(server.child, 'exit');
    fs.rmSync(directory, { recursive: true, force: true });
  }
});

/** Most that is answered in a second while the p95 stays below 200 ms: more by a fifth each time. */
async function capacityOf(loop) {
  for (let perSecond = 200, best = 0; ; perSecond = Math.ceil(perSecond * 1.2)) {
    const answers = await loop.run({ perSecond, seconds: RAMP_S });
    const good = answers.filter(({ status }) => status >= 200 && status < 400);
    const p95 =
      quantile(
        good.map(({ ms }) => ms),
        0.95,
      ) ?? Infinity;
    if (good.length < answers.length * 0.99 || p95 > 200) return best;
    best = perSecond;
  }
}

function print({ capacity, perSecond, answers, health, before, peakMb, after, afterMb }) {
  const rows = [
    ['admitted', answers.filter(({ status }) => status >= 200 && status < 300)],
    ['refused (503)', answers.filter(({ status }) => status === 503)],
    ['else', answers.filter(({ status }) => status !== 503 && (status < 200 || status >= 300))],
    ['health, metrics', health],
    ['after, refused', after.filter(({ status }) => status === 503)],
    ['after, answered', after.filter(({ status }) => status < 300 && status >= 200)],
  ].map(([name, list]) => [
    name,
    list.length,
    ...[0.5, 0.95, 0.99].map((share) =>
      (
        quantile(
          list.map(({ ms }) => ms),
          share,
        ) ?? 0
      ).toFixed(1),
    ),
  ]);
  const statuses = Object.entries(Object.groupBy(answers, ({ status }) => status)).map(([k, v]) => `${k}: ${v.length}`);
  process.stdout.write(`capacity ${capacity}/s, asked ${perSecond}/s; ${statuses.join(', ')}\n`);
  process.stdout.write(markdownTable(['', 'number', 'p50 ms', 'p95 ms', 'p99 ms'], rows));
  const last = after.filter(({ status }) => status === 503).at(-1);
  process.stdout.write(`last refusal ${last ? ((last.at - after[0].at) / 1_000).toFixed(2) : 0} s after the end\n`);
  process.stdout.write(`RSS ${before} → ${peakMb} → ${afterMb} MB\n`);
}

function watchHealth(url) {
  const answers = [];
  const ask = async () => {
    const at = performance.now();
    const status = await fetch(`${url}${answers.length % 2 ? '/metrics' : '/health/ready'}`).then(
      async (answer) => (await answer.text(), answer.status),
      () => 0,
    );
    answers.push({ status, ms: performance.now() - at });
  };
  const timer = setInterval(() => void ask(), 250);
  return {
    stop: () => {
      clearInterval(timer);
      return answers;
    },
  };
}

async function start(directory, variables) {
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    PORT: '0',
    DATA_DIR: directory,
    LOG_LEVEL: 'info',
    LOG_FORMAT: 'json',
    RATE_LIMIT_MAX: LIMIT,
    RATE_LIMIT_ADDRESS_MAX: LIMIT,
    ...variables,
  };
  if (process.env.REDIS_URL) env.REDIS_URL = process.env.REDIS_URL;
  if (process.env.CACHE) env.CACHE = process.env.CACHE;
  const child = spawn(
    process.execPath,
    [
      ...(process.env.PROF ? ['--cpu-prof', '--cpu-prof-dir=/tmp/prof5'] : []),
      '--max-semi-space-size=16',
      'dist/apps/api/src/main.js',
    ],
    { env, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let said = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    said += chunk;
    const line = said.split('\n').find((each) => each.includes('"message":"listening"'));
    if (!line) continue;
    const out = fs.createWriteStream('/tmp/overload-server.log');
    child.stdout.pipe(out);
    return { child, pid: child.pid, url: JSON.parse(line).url };
  }
  throw new Error(`the server did not start: ${said}`);
}

async function token(url) {
  const body = new URLSearchParams({
    grant_type: 'password',
    username: 'customer@example.com',
    password: 'plinth-demo-password',
  });
  return (await (await fetch(`${url}/api/v1/auth/token`, { method: 'POST', body })).json()).access_token;
}

function rssMb(pid) {
  return Math.round(Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)])) / 1024);
}

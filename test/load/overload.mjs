import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createInterface } from 'node:readline';
import { readArguments, run, UsageError, wholeNumber } from './arguments.mjs';
import { markdownTable, quantile } from './figures.mjs';
import { atRate, inLanes, shopTraffic } from './traffic.mjs';

const USAGE = 'npm run load:overload: what becomes of a server of which more is asked than it can do';
const LIMIT = '1000000';
const WARM_S = 4;
const LANES = 16;
const HEALTH_EVERY_MS = 200;

await run(async () => {
  const values = readArguments(USAGE, {
    seconds: { type: 'string', default: '10', help: 'of overload' },
    times: { type: 'string', default: '3', help: 'what it can do' },
    shedding: { type: 'string', default: 'on', help: 'on, or off to see the difference' },
  });
  if (!['on', 'off'].includes(values.shedding)) throw new UsageError('--shedding must be on or off');
  const [seconds, times] = ['seconds', 'times'].map((name) => wholeNumber(name, values[name]));
  const directory = fs.mkdtempSync('/tmp/plinth-overload-');
  const server = await start(directory, values.shedding);
  try {
    process.stdout.write(await report(server, { seconds, times }));
  } finally {
    server.child.kill('SIGTERM');
    await once(server.child, 'exit');
    fs.rmSync(directory, { recursive: true, force: true });
  }
});

async function report({ url, pid }, { seconds, times }) {
  const traffic = shopTraffic(await signIn(url));
  await sustained(url, traffic); // warm
  const capacity = await sustained(url, traffic);
  const memory = [rssMb(pid)];
  const health = watch(url);
  const during = await atRate(url, traffic, { perSecond: capacity * times, seconds });
  memory.push(rssMb(pid));
  const asked = health.stop();
  const after = await atRate(url, traffic, { perSecond: Math.ceil(capacity / 2), seconds: 5 });
  memory.push(rssMb(pid));
  const late = after.filter(({ status, at }) => status === 503 && at - after[0].at > 2_000).length;
  const rows = [...parts(during), ...parts(after).map(([name, ...cells]) => [`${name}, after`, ...cells])];
  return [
    `It can do ${capacity}/s; ${capacity * times}/s were asked for ${seconds} s.\n\n`,
    markdownTable(['', 'requests', 'p50 ms', 'p95 ms', 'p99 ms'], [...rows, row('health and metrics', asked)]),
    `\nHealth not 200: ${asked.filter(({ status }) => status !== 200).length}. `,
    `Refused later than 2 s after the end: ${late}. RSS ${memory.join(' → ')} MB.\n`,
  ].join('');
}

/** Answers a second to callers who wait for each. */
async function sustained(url, traffic) {
  const endsAt = performance.now() + WARM_S * 1_000;
  const answers = await inLanes(url, traffic, { lanes: LANES, isOver: () => performance.now() > endsAt });
  return Math.floor(answers.length / WARM_S);
}

function parts(answers) {
  const isAdmitted = ({ status }) => status >= 200 && status < 300;
  return [
    row('admitted', answers.filter(isAdmitted)),
    row(
      'refused (503)',
      answers.filter(({ status }) => status === 503),
    ),
    row(
      'neither',
      answers.filter((answer) => answer.status !== 503 && !isAdmitted(answer)),
    ),
  ];
}

function row(name, answers) {
  const times = answers.map(({ ms }) => ms);
  return [name, answers.length, ...[0.5, 0.95, 0.99].map((share) => (quantile(times, share) ?? 0).toFixed(1))];
}

function watch(url) {
  const answers = [];
  const ask = async (path) => {
    const at = performance.now();
    const answer = await fetch(url + path).catch(() => undefined);
    await answer?.arrayBuffer();
    answers.push({ status: answer?.status ?? 0, ms: performance.now() - at });
  };
  const timer = setInterval(() => void ask(answers.length % 2 ? '/metrics' : '/health/ready'), HEALTH_EVERY_MS);
  return { stop: () => (clearInterval(timer), answers) };
}

async function start(directory, shedding) {
  const { PATH, HOME, REDIS_URL = '', CACHE = '' } = process.env;
  const settings = { PORT: '0', DATA_DIR: directory, LOG_FORMAT: 'json', SHEDDING: shedding, JOBS: 'off' };
  const limits = { RATE_LIMIT_MAX: LIMIT, RATE_LIMIT_ADDRESS_MAX: LIMIT };
  const child = spawn(process.execPath, ['--max-semi-space-size=16', 'dist/apps/api/src/main.js'], {
    env: { PATH, HOME, REDIS_URL, CACHE, ...settings, ...limits },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  for await (const line of createInterface(child.stdout)) {
    const { message, url } = JSON.parse(line);
    if (message !== 'listening') continue;
    child.stdout.resume(); // what it says from now on must not fill the pipe
    return { child, pid: child.pid, url };
  }
  throw new Error('the server did not start');
}

async function signIn(url) {
  const account = { grant_type: 'password', username: 'customer@example.com', password: 'plinth-demo-password' };
  const answer = await fetch(`${url}/api/v1/auth/token`, { method: 'POST', body: new URLSearchParams(account) });
  return (await answer.json()).access_token;
}

function rssMb(pid) {
  const [, kb] = /VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kb) / 1_024);
}

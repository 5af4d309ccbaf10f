import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { Cleanups } from '../support/cleanups.js';
import { describeWith, programFile } from '../support/installed.js';
import { KEYS, ServerProcess } from '../support/server-process.js';
import { PRODUCTION } from '../support/test-app.js';
import { createTestDatabase } from '../support/test-database.js';
import { freePort } from '../support/throw-away-redis.js';
import { until } from '../support/waiting.js';

const TOKEN = 'metrics-token-0123456789';
const LIMIT_MS = 30_000;
const cleanups = Cleanups.afterEach();

/** The configuration of deploy/prometheus, but for the address of the server and the pace. */
async function aPrometheus(target: string): Promise<string> {
  const folder = cleanups.aDirectory();
  fs.cpSync('deploy/prometheus', folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'metrics_token'), TOKEN);
  const file = path.join(folder, 'prometheus.yml');
  const text = fs.readFileSync(file, 'utf8').replace('127.0.0.1:3000', target).replaceAll('15s', '1s');
  fs.writeFileSync(file, text);
  for (const rules of fs.globSync(path.join(folder, '*.rules.yml'))) {
    fs.writeFileSync(rules, fs.readFileSync(rules, 'utf8').replaceAll(/^( +rules:)$/gm, '    interval: 1s\n$1'));
  }
  const port = await freePort();
  const flags = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const prometheus: ChildProcess = spawn(programFile('prometheus') ?? '', flags, { stdio: 'ignore' });
  cleanups.add(async () => {
    if (prometheus.exitCode === null && prometheus.kill('SIGKILL')) await once(prometheus, 'exit');
  });
  return `http://127.0.0.1:${port}/api/v1`;
}

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly name: string; readonly health: string }[] }[];
}

interface Targets {
  readonly activeTargets: readonly { readonly health: string }[];
}

interface Vector {
  readonly result: readonly { readonly value: readonly [number, string] }[];
}

/** @returns undefined until it answers. */
async function ask<T>(url: string): Promise<T | undefined> {
  const answer = await fetch(url).catch(() => undefined);
  if (!answer?.ok) return undefined;
  const { data }: { data: T } = JSON.parse(await answer.text());
  return data;
}

describeWith('prometheus')('a real Prometheus with the rules of deploy/', () => {
  it('scrapes the server → up, no rule fails, and the p95 has a value', async () => {
    const url = await aServer();
    const prometheus = await aPrometheus(new URL(url).host);
    await until(async () => {
      const targets = await ask<Targets>(`${prometheus}/targets`);
      return targets?.activeTargets[0]?.health === 'up';
    }, LIMIT_MS);
    const p95 = `${prometheus}/query?query=job:plinth_request_duration_seconds:p95_rate5m`;
    await until(async () => {
      await fetch(`${url}/api/v1/protected`);
      const seconds = Number((await ask<Vector>(p95))?.result[0]?.value[1]);
      return seconds > 0 && seconds <= 10;
    }, LIMIT_MS);
    await until(async () => (await healthOfRules(prometheus)).every((health) => health !== 'unknown'), LIMIT_MS);
    expect(new Set(await healthOfRules(prometheus))).toEqual(new Set(['ok']));
  }, 90_000);
});

async function healthOfRules(prometheus: string): Promise<readonly string[]> {
  const { groups } = (await ask<Rules>(`${prometheus}/rules`)) ?? { groups: [] };
  expect(groups.length).toBeGreaterThan(5);
  return groups.flatMap(({ rules }) => rules.map(({ health }) => health));
}

async function aServer(): Promise<string> {
  const database = await createTestDatabase();
  cleanups.add(() => database.drop());
  const server = ServerProcess.spawn({
    variables: {
      ...PRODUCTION,
      HOST: '127.0.0.1',
      DATABASE_URL: database.url,
      JWT_KEYS: KEYS,
      METRICS_TOKEN: TOKEN,
    },
  });
  cleanups.add(() => server.kill());
  return server.listening();
}

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { describeWith, programFile } from '../support/installed.js';
import { TestApp } from '../support/test-app.js';

const RULES = fs.globSync('deploy/prometheus/*.rules.yml').toSorted();
const TESTS = fs.globSync('deploy/prometheus/tests/*.test.yml').toSorted();
const DASHBOARDS = fs.globSync('deploy/grafana/dashboards/*.json');
/** Prometheus makes these itself. */
const OWN = new Set(['up', 'job', 'instance', 'le']);
/** What a name of a metric looks like in these files. */
const NAMES = /(?<![\w:])(?:plinth|nodejs|process|job|job_route):?[a-z0-9_:]*[a-z0-9](?![\w:])/g;

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const rules: readonly Rule[] = RULES.flatMap((file) => {
  const { groups }: { groups: readonly { rules: readonly Rule[] }[] } = parse(fs.readFileSync(file, 'utf8'));
  return groups.flatMap((group) => group.rules);
});
const recorded = new Set(rules.map(({ record }) => record));

function panelExpressions(file: string): string[] {
  const { panels }: { panels: readonly { targets?: readonly { expr: string }[] }[] } = JSON.parse(
    fs.readFileSync(file, 'utf8'),
  );
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
}

let app: TestApp;
/** Each metric of the application, with the labels that its lines have, or would have. */
const exported = new Map<string, Set<string>>();

beforeAll(async () => {
  app = await TestApp.start();
  const { token } = await app.factory.admin();
  for (const route of ['/aggregate', '/orders', '//health/ready']) await app.client.get(route, { as: token });
  const { text } = await app.client.get('//metrics');
  for (const [, name = ''] of text.matchAll(/^# TYPE (\S+)/gm)) exported.set(name, new Set());
  for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)\{(.*)\} /gm)) {
    const known = exported.get(name) ?? new Set();
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
    exported.set(name, known);
  }
});
afterAll(() => app.stop());

/** The text of a query without what is quoted, and without the labels that it groups by. */
function metricsIn(expr: string): string[] {
  const bare = expr.replaceAll(/"[^"]*"/g, '').replaceAll(/\b(?:by|on) \([^)]*\)|\{[^}]*\}/g, '');
  return [...bare.matchAll(NAMES)].map(([name]) => name);
}

function isExported(name: string): boolean {
  const ofHistogram = name.replace(/_(bucket|sum|count)$/, '');
  return exported.has(name) || exported.has(ofHistogram) || recorded.has(name) || OWN.has(name);
}

describe('rules and dashboards', () => {
  it('every metric that they name → is one that the application exports, or a rule records', () => {
    const expressions = [...rules.map(({ expr }) => expr), ...DASHBOARDS.flatMap((file) => panelExpressions(file))];
    const named = expressions.flatMap((expr) => metricsIn(expr));
    expect(new Set(named).size).toBeGreaterThan(40);
    expect([...new Set(named)].filter((name) => !isExported(name))).toEqual([]);
  });

  it('every label of the requests that a query groups by or selects → they have it', () => {
    const all = [...rules.map(({ expr }) => expr), ...DASHBOARDS.flatMap((file) => panelExpressions(file))];
    const ofRequests = all.filter((expr) => expr.includes('plinth_http_request_duration_seconds'));
    const labels = ofRequests.flatMap((expr) => [
      ...[...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(', ')),
      ...[...expr.matchAll(/(\w+)(?:=|!=|=~|!~)"/g)].map(([, name = '']) => name),
    ]);
    const known = exported.get('plinth_http_request_duration_seconds_bucket');
    expect(labels.length).toBeGreaterThan(50);
    expect([...new Set(labels)].filter((label) => !known?.has(label) && !OWN.has(label))).toEqual([]);
  });

  it('the bound of the latency objective → is a bucket', async () => {
    const { text } = await app.client.get('//metrics');
    for (const { expr } of rules)
      for (const [, le = ''] of expr.matchAll(/le="([^"]+)"/g)) expect(text).toContain(`le="${le}"`);
  });

  it('every alert → has a runbook that exists', () => {
    const alerts = rules.filter(({ alert }) => alert !== undefined);
    const links = alerts.map(({ annotations }) => annotations?.['runbook_url'] ?? '');
    const text = fs.readFileSync('docs/operations.md', 'utf8');
    const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title.toLowerCase().replaceAll(' ', '-'),
    );
    expect(alerts.length).toBeGreaterThan(15);
    expect(links.filter((link) => !headings.includes(link.replace('/docs/operations.md#', '')))).toEqual([]);
  });
});

describeWith('promtool')('promtool', () => {
  const run = (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(programFile('promtool') ?? '', args, { encoding: 'utf8' });
    return { status, said: `${stdout}${stderr}` };
  };

  it('check rules → nothing wrong', () => {
    expect(run('check', 'rules', '--lint=all', '--lint-fatal', ...RULES)).toMatchObject({ status: 0 });
  });

  it('test rules → each alert comes when it should, and only then', () => {
    expect(TESTS.map((file) => path.basename(file))).toEqual(['burn.test.yml', 'levels.test.yml', 'parts.test.yml']);
    const { status, said } = run('test', 'rules', ...TESTS);
    expect(said).not.toContain('FAILED');
    expect(status).toBe(0);
  });
});

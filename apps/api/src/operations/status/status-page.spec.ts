import { describe, expect, it } from '@jest/globals';
import type { LevelName, LevelState, LevelUnit } from '@app/telemetry';
import { ChartScale } from './chart-scale.js';
import type { Dependency, StatusFigures } from './status-figures.js';
import { statusPage } from './status-page.js';
import { verdict } from './verdict.js';

const AS_OF = '2026-01-31T12:00:00.000Z';
const UP: Dependency = { name: 'PostgreSQL', state: 'up', responseMs: 3.21 };

const LEVELS: readonly (readonly [LevelName, LevelUnit, value: number, target: number, alert: number])[] = [
  ['response_time_p95_ms', 'ms', 43.27, 200, 500],
  ['error_rate', 'ratio', 0, 0.001, 0.01],
  ['requests_per_second', '1/s', 1_843, 1_000, 500],
  ['cpu', 'ratio', 0.4, 0.7, 0.85],
  ['memory', 'ratio', 0.5, 0.8, 0.9],
];

describe('the sentence over all', () => {
  it.each([
    [{}, {}, 'ok', 'All service levels are on target.'],
    [{ cpu: 'unknown' }, {}, 'ok', 'On target as far as known: no figure yet for CPU.'],
    [{ cpu: 'warn', memory: 'unknown' }, {}, 'warn', 'CPU is off target, short of the alert threshold.'],
    [{ cpu: 'warn', error_rate: 'alert' }, {}, 'alert', 'Error rate has passed the alert threshold.'],
    [{ memory: 'alert', error_rate: 'alert' }, {}, 'alert', 'Error rate and memory have passed the alert threshold.'],
    [{ cpu: 'warn' }, { state: 'down' }, 'alert', 'PostgreSQL cannot be reached.'],
    [{}, { name: 'Redis', state: 'degraded' }, 'warn', 'Redis is away; requests are answered without it.'],
    [{}, { name: 'Redis', state: 'absent' }, 'ok', 'All service levels are on target.'],
  ] as const)('%o, dependency %o → %s: %s', (states, dependency, state, sentence) => {
    const told = verdict(figures({ states, dependencies: [{ ...UP, ...dependency }] }));
    expect([told.state, told.sentence]).toEqual([state, sentence]);
  });

  it('nothing known → says so', () => {
    const states = Object.fromEntries(LEVELS.map(([name]) => [name, 'unknown' as const]));
    expect(verdict(figures({ states })).sentence).toMatch(/^No figures yet/);
  });
});

describe('the drawing', () => {
  const [level] = figures({}).report.levels;
  if (!level) throw new Error('there is a first level');

  it('minutes that are not known → gaps between the runs, each value on its height', () => {
    const points = [100, 550, null, 0, null, null, 275].map((value, index, { length }) => ({
      at: new Date(Date.parse(AS_OF) - (length - 1 - index) * 60_000).toISOString(),
      value,
    }));
    const scale = ChartScale.of(level, { points }, AS_OF);
    const runs = scale.runs({ points });
    expect(scale.max).toBe(610);
    expect(runs.map((run) => run.length)).toEqual([2, 1, 1]);
    expect(runs[1]?.[0]).toEqual({ x: scale.x(AS_OF) - 13.1, y: scale.y(0) });
    expect(runs[2]?.[0]?.x).toBe(314);
  });

  it('what is older than an hour → at the edge, not beyond it', () => {
    expect(ChartScale.of(level, { points: [] }, AS_OF).x('2026-01-31T08:00:00.000Z')).toBe(52);
  });
});

describe('the page', () => {
  it('what was put in from outside → escaped, wherever it stands', () => {
    const route = { method: 'GET', route: '<img src=x>', requests: 1, p95Ms: 1, totalMs: 1, errorRate: 0 };
    const { text } = statusPage(figures({ host: `"'><script>alert(1)</script>`, routes: [route] }));
    expect(text).toContain('&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).toContain('GET &lt;img src=x&gt;');
    expect(text.match(/<script[^>]*>/g)).toEqual(['<script src="/status.js" defer>']);
  });

  it('inline styles, scripts and handlers → none, as the policy allows none', () => {
    expect(statusPage(figures({})).text).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i);
  });

  it('ids → each once', () => {
    const ids = [...statusPage(figures({})).text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toEqual([...new Set(ids)]);
  });
});

interface Planted {
  readonly states?: Partial<Record<LevelName, LevelState>>;
  readonly dependencies?: StatusFigures['dependencies'];
  readonly routes?: StatusFigures['routes'];
  readonly host?: string;
}

function figures({ states = {}, dependencies = [UP], routes = [], host = 'host' }: Planted): StatusFigures {
  return {
    report: {
      asOf: AS_OF,
      levels: LEVELS.map(([name, unit, value, target, alert]) => {
        const state = states[name] ?? 'ok';
        return { name, unit, value: state === 'unknown' ? null : value, target, alert, state };
      }),
    },
    history: LEVELS.map(([name, , value]) => ({ name, points: [{ at: AS_OF, value }] })),
    routes,
    cache: { l1: 0.7, l2: 0.1, overall: 0.8 },
    dependencies,
    process: { version: '0.1.0', node: 'v24.0.0', host, pid: 1, uptimeS: 60 },
  };
}

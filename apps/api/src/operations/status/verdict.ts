import type { LevelState, ServiceLevel } from '@app/telemetry';
import { LABELS, listed } from './figures.js';
import type { Dependency, StatusFigures } from './status-figures.js';

export interface Verdict {
  readonly state: LevelState;
  /** A few words, for the title of the page. */
  readonly title: string;
  readonly sentence: string;
}

/** All of it in one sentence: the worst comes first, and names what it is about. */
export function verdict({ report: { levels }, dependencies }: StatusFigures): Verdict {
  const down = dependencies.filter(({ state }) => state === 'down');
  const alerting = named(levels, 'alert');
  if (down.length > 0 || alerting.length > 0) {
    return { state: 'alert', title: 'Alert', sentence: `${unreachable(down)}${beyond(alerting)}`.trim() };
  }
  const away = dependencies.filter(({ state }) => state === 'degraded');
  const warned = named(levels, 'warn');
  if (away.length > 0 || warned.length > 0) {
    return { state: 'warn', title: 'Off target', sentence: `${degraded(away)}${offTarget(warned)}`.trim() };
  }
  const unknown = named(levels, 'unknown');
  if (unknown.length === levels.length) {
    return { state: 'unknown', title: 'No figures yet', sentence: 'No figures yet. The process has only just begun.' };
  }
  const sentence =
    unknown.length > 0
      ? `On target as far as known: no figure yet for ${listed(unknown)}.`
      : 'All service levels are on target.';
  return { state: 'ok', title: 'All well', sentence };
}

/** In lower case, as in the middle of a sentence. */
function named(levels: readonly ServiceLevel[], state: LevelState): readonly string[] {
  return levels
    .filter((level) => level.state === state)
    .map(({ name }) => (name === 'cpu' ? 'CPU' : LABELS[name].name.toLowerCase()));
}

function unreachable(dependencies: readonly Dependency[]): string {
  return dependencies.length > 0 ? `${names(dependencies)} cannot be reached. ` : '';
}

function degraded(dependencies: readonly Dependency[]): string {
  return dependencies.length > 0 ? `${names(dependencies)} is away; requests are answered without it. ` : '';
}

function names(dependencies: readonly Dependency[]): string {
  return listed(dependencies.map(({ name }) => name));
}

function beyond(levels: readonly string[]): string {
  if (levels.length === 0) return '';
  return capital(`${listed(levels)} ${levels.length > 1 ? 'have' : 'has'} passed the alert threshold.`);
}

function offTarget(levels: readonly string[]): string {
  if (levels.length === 0) return '';
  return capital(`${listed(levels)} ${levels.length > 1 ? 'are' : 'is'} off target, short of the alert threshold.`);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

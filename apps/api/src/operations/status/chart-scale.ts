import type { LevelHistory, LevelUnit, ServiceLevel } from '@app/telemetry';
import { isBetterBelow } from './figures.js';

/** The drawing, in its own units; the page scales it. */
export const CHART = { width: 320, height: 124, left: 52, right: 6, top: 16, bottom: 20 } as const;
export const SPAN_MIN = 60;
/** What the text of a line needs above or below it. */
const LABEL_HEIGHT = 12;

export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Where values and minutes are on the drawing. */
export class ChartScale {
  private constructor(
    readonly max: number,
    private readonly nowMs: number,
  ) {}

  /** From zero to what holds both thresholds and all values; shares of a whole end at the whole. */
  static of(level: ServiceLevel, { points }: Pick<LevelHistory, 'points'>, asOf: string): ChartScale {
    const highest = Math.max(level.target, level.alert, ...points.map(({ value }) => value ?? 0));
    const isShareOfWhole = level.unit === 'ratio' && level.target > 0.5;
    return new ChartScale(isShareOfWhole && highest <= 1 ? 1 : round(highest * 1.1, level.unit), Date.parse(asOf));
  }

  y(value: number): number {
    const { height, top, bottom } = CHART;
    return tenth(height - bottom - (value / this.max) * (height - top - bottom));
  }

  /** @param at RFC 3339. */
  x(at: string): number {
    const { width, left, right } = CHART;
    const minutesAgo = (this.nowMs - Date.parse(at)) / 60_000;
    const share = Math.min(1, Math.max(0, 1 - minutesAgo / SPAN_MIN));
    return tenth(left + share * (width - left - right));
  }

  /** Runs of minutes that follow each other; where nothing is known the line has a gap. */
  runs({ points }: Pick<LevelHistory, 'points'>): readonly (readonly Spot[])[] {
    const runs: Spot[][] = [[]];
    for (const { at, value } of points) {
      if (value === null) runs.push([]);
      else runs.at(-1)?.push({ x: this.x(at), y: this.y(value) });
    }
    return runs.filter((run) => run.length > 0);
  }

  /** Baselines of the two texts: each on the side away from the other line, where there is room. */
  labels(level: ServiceLevel): { readonly target: number; readonly alert: number } {
    const isBelow = isBetterBelow(level);
    const [above, below] = isBelow ? [level.alert, level.target] : [level.target, level.alert];
    const baseline = CHART.height - CHART.bottom;
    const under = this.y(below) + LABEL_HEIGHT < baseline ? this.y(below) + LABEL_HEIGHT - 2 : this.y(below) - 4;
    const over = this.y(above) - 4;
    return isBelow ? { target: under, alert: over } : { target: over, alert: under };
  }
}

/** To a number that reads well at the end of an axis. */
function round(value: number, unit: LevelUnit): number {
  const scaled = unit === 'ratio' ? value * 100 : value;
  const step = 10 ** Math.floor(Math.log10(scaled)) / 10;
  const ceiling = Math.ceil(scaled / step) * step;
  return unit === 'ratio' ? ceiling / 100 : ceiling;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

import type { LevelHistory, ServiceLevel } from '@app/telemetry';
import { html, type Markup, NOTHING } from '../pages/markup.js';
import { CHART, ChartScale, type Spot } from './chart-scale.js';
import { clock, LABELS, phrase, threshold } from './figures.js';

const LEFT = CHART.left;
const RIGHT = CHART.width - CHART.right;
const BASE = CHART.height - CHART.bottom;
const MIDDLE = (LEFT + RIGHT) / 2;

/** The last hour as a drawing with both thresholds; those who do not see it get its description, and the table below. */
export function levelChart(level: ServiceLevel, history: LevelHistory, asOf: string): Markup {
  const scale = ChartScale.of(level, history, asOf);
  const { name } = level;
  return html`<svg
    class="chart"
    viewBox="0 0 ${CHART.width} ${CHART.height}"
    role="img"
    aria-labelledby="${name}-title ${name}-summary"
  >
    <title id="${name}-title">${LABELS[name].name} in the last hour</title>
    <desc id="${name}-summary">${summary(level, history)}</desc>
    <path class="axis" d="M${LEFT} ${CHART.top}V${BASE}H${RIGHT}" />
    <text class="end" x="${LEFT - 5}" y="${CHART.top + 4}">
      ${threshold(scale.max, level.unit).replace(' req/s', '')}
    </text>
    <text class="end" x="${LEFT - 5}" y="${BASE + 3}">0</text>
    <text x="${LEFT}" y="${CHART.height - 5}">1 h ago</text>
    <text class="middle" x="${MIDDLE}" y="${CHART.height - 5}">30 min</text>
    <text class="end" x="${RIGHT}" y="${CHART.height - 5}">now</text>
    ${lines(level, scale)}${scale.runs(history).map(line)}${names(level, scale)}
  </svg>`;
}

/** In words: how many minutes are known, and between what they were. */
export function summary({ unit }: ServiceLevel, { points }: LevelHistory): string {
  const values = points.map(({ value }) => value).filter((value) => value !== null);
  const last = values.at(-1);
  if (last === undefined) return 'Nothing is known of the last hour yet.';
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const minutes = values.length === 1 ? 'One minute' : `${values.length} minutes`;
  return `${minutes}: ${phrase(low, unit)} to ${phrase(high, unit)}, last ${phrase(last, unit)}.`;
}

/** The same as a table, newest first. */
export function levelTable({ name, unit }: ServiceLevel, { points }: LevelHistory): Markup {
  if (points.length === 0) return NOTHING;
  const label = LABELS[name].name;
  const rows = points.toReversed().map(
    ({ at, value }) =>
      html`<tr>
        <th scope="row"><time datetime="${at}">${clock(at).slice(0, 5)}</time></th>
        <td>${value === null ? 'not known' : phrase(value, unit)}</td>
      </tr>`,
  );
  return html`<details id="${name}-minutes">
    <summary>${label}, minute by minute</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="${label}, minute by minute">
      <table>
        <thead>
          <tr>
            <th scope="col">Minute (UTC)</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </details>`;
}

function lines(level: ServiceLevel, scale: ChartScale): Markup {
  return html`<path class="target" d="M${LEFT} ${scale.y(level.target)}H${RIGHT}" />
    <path class="limit" d="M${LEFT} ${scale.y(level.alert)}H${RIGHT}" />`;
}

/** Drawn last, so that no line crosses them, and where the oldest values are: the newest matter most. */
function names(level: ServiceLevel, scale: ChartScale): Markup {
  const { target, alert } = scale.labels(level);
  return html`<text x="${LEFT + 4}" y="${target}">target</text><text x="${LEFT + 4}" y="${alert}">alert</text>`;
}

/** A minute between two unknown ones is a dot. */
function line(run: readonly Spot[]): Markup {
  const [first, ...others] = run;
  const last = others.at(-1);
  if (!first) return NOTHING;
  if (!last) return html`<circle class="dot" cx="${first.x}" cy="${first.y}" r="2" />`;
  const along = run.map(({ x, y }) => `${x} ${y}`).join('L');
  return html`<path class="area" d="M${first.x} ${BASE}L${along}L${last.x} ${BASE}Z" /><path
      class="line"
      d="M${along}"
    />`;
}

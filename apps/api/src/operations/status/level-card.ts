import type { LevelHistory, ServiceLevel } from '@app/telemetry';
import { html, type Markup } from '../pages/markup.js';
import { figure, isBetterBelow, LABELS, threshold } from './figures.js';
import { levelChart, levelTable } from './level-chart.js';
import { STATE_WORDS, stateMark } from './state-mark.js';

/** A level: what it is now, what it should be, and how it was. */
export function levelCard(level: ServiceLevel, history: LevelHistory, asOf: string): Markup {
  const { name, meaning } = LABELS[level.name];
  const [good, bad] = isBetterBelow(level) ? ['below', 'above'] : ['above', 'below'];
  return html`<article class="card ${level.state}" id="${level.name}" aria-labelledby="${level.name}-name">
    <div class="heading">
      <h3 id="${level.name}-name">${name}</h3>
      <p class="state">${stateMark(level.state)}${STATE_WORDS[level.state]}</p>
    </div>
    <p class="meaning">${meaning}</p>
    <p class="value">${value(level)}</p>
    <dl class="thresholds">
      <div>
        <dt>Target</dt>
        <dd>${good} ${threshold(level.target, level.unit)}</dd>
      </div>
      <div>
        <dt>Alert</dt>
        <dd>${bad} ${threshold(level.alert, level.unit)}</dd>
      </div>
    </dl>
    ${levelChart(level, history, asOf)} ${levelTable(level, history)}
  </article>`;
}

/** `<data>` holds the exact value. */
function value({ value: exact, unit }: ServiceLevel): Markup {
  if (exact === null) return html`<span class="unit">no figure yet</span>`;
  const shown = figure(exact, unit);
  return html`<data value="${exact}">${shown.number}</data> <span class="unit">${shown.unit}</span>`;
}

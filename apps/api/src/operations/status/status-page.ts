import type { Html } from '@app/rest';
import { html, type Markup } from '../pages/markup.js';
import { page } from '../pages/page.js';
import { clock } from './figures.js';
import { levelCard } from './level-card.js';
import { stateMark } from './state-mark.js';
import type { StatusFigures } from './status-figures.js';
import { cacheList, dependencyList, processList, routesTable } from './status-tables.js';
import { verdict } from './verdict.js';

const SCRIPT = html`<script src="/status.js" defer></script>`;

/** The script alone makes use of them: what they say until then is for those who do without it. */
const CONTROLS = html`<p class="live" id="live">Reload the page for new figures.</p>
  <button type="button" id="pause" hidden>Pause updates</button>
  <p class="notice" id="notice" role="alert"></p>`;

/** The page for people; the script renews it in place. */
export function statusPage(figures: StatusFigures): Html {
  const { title } = verdict(figures);
  return page({ title, stylesheet: '/status.css', head: SCRIPT, controls: CONTROLS, main: content(figures) });
}

function content(figures: StatusFigures): Markup {
  const { report, history, routes, cache, dependencies } = figures;
  const cards = report.levels.map((level) => {
    const ofLevel = history.find(({ name }) => name === level.name) ?? { name: level.name, points: [] };
    return levelCard(level, ofLevel, report.asOf);
  });
  return html`${headline(figures)}
    <section aria-labelledby="levels">
      <h2 id="levels">Service levels</h2>
      <div class="cards">${cards}</div>
    </section>
    <section aria-labelledby="routes">
      <h2 id="routes">Where the time goes</h2>
      ${routesTable(routes)}
    </section>
    <div class="columns">
      <section aria-labelledby="dependencies">
        <h2 id="dependencies">Dependencies</h2>
        ${dependencyList(dependencies)}
      </section>
      <section aria-labelledby="cache">
        <h2 id="cache">Cache</h2>
        ${cacheList(cache)}
      </section>
      <section aria-labelledby="process">
        <h2 id="process">Process</h2>
        ${processList(figures.process)}
      </section>
    </div>`;
}

function headline(figures: StatusFigures): Markup {
  const { state, sentence } = verdict(figures);
  const { asOf } = figures.report;
  return html`<div class="headline ${state}" aria-live="polite">
      ${stateMark(state)}
      <h1>${sentence}</h1>
    </div>
    <p class="as-of">Over five minutes, as of <time datetime="${asOf}">${clock(asOf)}</time> UTC.</p>`;
}

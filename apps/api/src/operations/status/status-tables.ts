import type { CacheHitRatio, LevelState, RouteFigures } from '@app/telemetry';
import { html, type Markup } from '../pages/markup.js';
import { duration, phrase, whole } from './figures.js';
import { stateMark } from './state-mark.js';
import type { Dependency, ProcessFacts } from './status-figures.js';

const STATES: Readonly<Record<Dependency['state'], readonly [LevelState, string]>> = {
  up: ['ok', 'Answers'],
  degraded: ['warn', 'Away, not needed to answer'],
  down: ['alert', 'Cannot be reached'],
  absent: ['unknown', 'Not configured'],
};

/** Where the time goes. On a narrow screen each route is a block, whose figures name themselves. */
export function routesTable(routes: readonly RouteFigures[]): Markup {
  if (routes.length === 0) return html`<p class="empty">No request in the last five minutes.</p>`;
  return html`<table class="routes" role="table">
    <thead role="rowgroup">
      <tr role="row">
        <th scope="col" role="columnheader">Route</th>
        <th scope="col" role="columnheader">Time spent</th>
        <th scope="col" role="columnheader">Requests</th>
        <th scope="col" role="columnheader">p95</th>
        <th scope="col" role="columnheader">Errors</th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${routes.map(routeRow)}
    </tbody>
  </table>`;
}

export function dependencyList(dependencies: readonly Dependency[]): Markup {
  return html`<dl class="facts">
    ${dependencies.map(({ name, state, responseMs }) => {
      const [mark, words] = STATES[state];
      const time = responseMs === null ? '' : ` in ${phrase(responseMs, 'ms')}`;
      return html`<div>
        <dt>${name}</dt>
        <dd class="state">${stateMark(mark)}${words}${time}</dd>
      </div>`;
    })}
  </dl>`;
}

export function cacheList(cache: CacheHitRatio | null): Markup {
  if (!cache) return html`<p class="empty">Nothing was asked of the cache in the last five minutes.</p>`;
  return html`<dl class="facts">
    <div>
      <dt>Hit ratio</dt>
      <dd><data value="${cache.overall}">${phrase(cache.overall, 'ratio')}</data></dd>
    </div>
    <div>
      <dt>from memory</dt>
      <dd>${phrase(cache.l1, 'ratio')}</dd>
    </div>
    <div>
      <dt>from Redis</dt>
      <dd>${phrase(cache.l2, 'ratio')}</dd>
    </div>
  </dl>`;
}

export function processList({ version, node, host, pid, uptimeS }: ProcessFacts): Markup {
  return html`<dl class="facts">
    <div>
      <dt>Version</dt>
      <dd>${version}</dd>
    </div>
    <div>
      <dt>Up for</dt>
      <dd>${duration(uptimeS)}</dd>
    </div>
    <div>
      <dt>Instance</dt>
      <dd>${host}, process ${pid}</dd>
    </div>
    <div>
      <dt>Node.js</dt>
      <dd>${node}</dd>
    </div>
  </dl>`;
}

function routeRow({ method, route, requests, p95Ms, totalMs, errorRate }: RouteFigures): Markup {
  return html`<tr role="row">
    <th scope="row" role="rowheader"><code>${method} ${route}</code></th>
    <td role="cell" data-label="Time spent">${phrase(totalMs, 'ms')}</td>
    <td role="cell" data-label="Requests">${whole(requests)}</td>
    <td role="cell" data-label="p95">${p95Ms === null ? '–' : phrase(p95Ms, 'ms')}</td>
    <td role="cell" data-label="Errors">${phrase(errorRate, 'ratio')}</td>
  </tr>`;
}

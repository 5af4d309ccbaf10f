import type { LevelState } from '@app/telemetry';
import { html, type Markup } from '../pages/markup.js';

const SHAPES: Readonly<Record<LevelState, Markup>> = {
  ok: html`<circle cx="10" cy="10" r="9" /><path class="sign" d="M5.8 10.4l2.9 2.9 5.5-6" />`,
  warn: html`<path d="M10 1.5 19.2 18H.8Z" /><path class="sign" d="M10 7.5v4.6m0 2.6v.1" />`,
  alert: html`<path d="M6.3 1h7.4L19 6.3v7.4L13.7 19H6.3L1 13.7V6.3Z" /><path class="sign" d="M7 7l6 6m0-6-6 6" />`,
  unknown: html`<rect x="1.5" y="1.5" width="17" height="17" rx="3" /><path class="sign" d="M5.5 10h9" />`,
};

export const STATE_WORDS: Readonly<Record<LevelState, string>> = {
  ok: 'On target',
  warn: 'Off target',
  alert: 'Alert',
  unknown: 'Not known yet',
};

/** One form for each state, so that it does not take colours to tell them apart; the words stand beside it. */
export function stateMark(state: LevelState): Markup {
  return html`<svg class="mark ${state}" viewBox="0 0 20 20" aria-hidden="true">${SHAPES[state]}</svg>`;
}

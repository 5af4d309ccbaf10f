import { Html } from '@app/rest';
import { html, type Markup, NOTHING } from './markup.js';

export interface Page {
  readonly title: string;
  /** Path of the stylesheet; what may read the page may read it. */
  readonly stylesheet: string;
  /** What else the head holds. */
  readonly head?: Markup;
  /** Beside the name, at the top. */
  readonly controls?: Markup;
  readonly main: Markup;
}

/** A document in the look that all pages share. No style and no script stands in it: the policy of the server allows none. */
export function page({ title, stylesheet, head = NOTHING, controls = NOTHING, main }: Page): Html {
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} – Plinth</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="${stylesheet}" />
        ${head}
      </head>
      <body>
        <header class="top">
          <p class="name">Plinth</p>
          ${controls}
        </header>
        <main>${main}</main>
      </body>
    </html> `;
  return new Html(document.text);
}

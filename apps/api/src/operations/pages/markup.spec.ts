import { describe, expect, it } from '@jest/globals';
import { html, NOTHING } from './markup.js';

describe('html', () => {
  it.each([
    ['content', html`<p>${'<b>&</b>'}</p>`, '<p>&lt;b&gt;&amp;&lt;/b&gt;</p>'],
    ['an attribute', html`<p title="${`"'><script>`}"></p>`, '<p title="&quot;&#39;&gt;&lt;script&gt;"></p>'],
    ['markup', html`<p>${html`<b>${'&'}</b>`}</p>`, '<p><b>&amp;</b></p>'],
    ['a list', html`<p>${[html`<b>${1}</b>`, html`<i>${2}</i>`]}</p>`, '<p><b>1</b><i>2</i></p>'],
    ['what is not there', html`<p>${null}${NOTHING}</p>`, '<p></p>'],
    ['a backslash', html`· ${'\\n'}`, '· \\n'],
  ])('%s → escaped once', (_situation, { text }, expected) => {
    expect(text).toBe(expected);
  });
});

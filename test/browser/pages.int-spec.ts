import fs from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { statusPage } from '../../apps/api/src/operations/status/status-page.js';
import { startBrowser, Tab } from '../support/browser.js';
import { Cleanups } from '../support/cleanups.js';
import { describeWith } from '../support/installed.js';
import { statusFigures } from '../support/status-figures.js';
import { TestApp } from '../support/test-app.js';

const AXE = fs.readFileSync('node_modules/axe-core/axe.min.js', 'utf8');
/** Of rules that are kept one place each is enough: to name all of them takes longer than all else. */
const AXE_RUN = "axe.run({ resultTypes: ['violations'] })";
const PATHS = ['/status', '/problems', '/problems/order.not_found'];
const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 320, height: 640 };

describeWith('chromium')('the pages for people', () => {
  const cleanups = Cleanups.afterAll();
  const closed = Cleanups.afterEach();
  let app: TestApp;
  let browser: Browser;

  beforeAll(async () => {
    app = await TestApp.start();
    browser = await startBrowser(cleanups);
  });
  afterAll(() => app.stop());

  /** The status page is that of an hour in all states, with the minutes of one level open. */
  async function opened(path: string, viewport: typeof PHONE): Promise<Page> {
    const { page } = await Tab.open(browser, closed, { viewport, reducedMotion: 'reduce' });
    const { text } = statusPage(statusFigures(new Date().toISOString()));
    await page.route('**/status', (route) => route.fulfill({ body: text, contentType: 'text/html; charset=utf-8' }));
    await page.goto((await app.app.getUrl()) + path);
    await page.evaluate("document.querySelector('details')?.setAttribute('open', '')");
    return page;
  }

  it.each(PATHS)('%s → axe finds nothing, light and dark, on a desktop and on a phone', async (path) => {
    const page = await opened(path, DESKTOP);
    await page.evaluate(AXE);
    for (const viewport of [DESKTOP, PHONE]) {
      await page.setViewportSize(viewport);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const result: { violations: unknown[]; passes: unknown[] } = await page.evaluate(AXE_RUN);
        expect(result.violations).toEqual([]);
        expect(result.passes.length).toBeGreaterThan(15);
      }
    }
  });

  it.each(PATHS)('%s, 320 pixels wide → nothing to scroll sideways', async (path) => {
    const page = await opened(path, PHONE);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width);
  });

  it('the keyboard → reaches all that can be used, and shows where it is', async () => {
    const page = await opened('/status', DESKTOP);
    const reached: unknown[] = [];
    for (let stop = 0; stop < 6; stop += 1) {
      await page.keyboard.press('Tab');
      reached.push(
        await page.evaluate(`(({ activeElement: { tagName }, activeElement }) =>
          [tagName, getComputedStyle(activeElement).outlineStyle])(document)`),
      );
    }
    const expected = ['BUTTON', 'SUMMARY', 'DIV', 'SUMMARY', 'SUMMARY', 'SUMMARY'];
    expect(reached).toEqual(expected.map((name) => [name, 'solid']));
  });
});

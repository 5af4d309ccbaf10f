import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ServiceLevel } from '@app/telemetry';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { startBrowser, Tab } from '../support/browser.js';
import { Cleanups } from '../support/cleanups.js';
import { describeWith } from '../support/installed.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/waiting.js';

/** Nothing inline, nothing from elsewhere. */
const POLICY = "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';";
const PERIOD_MS = 5_000;

describeWith('chromium')('the status page in a browser', () => {
  const cleanups = Cleanups.afterAll();
  const closed = Cleanups.afterEach();
  let app: TestApp;
  let browser: Browser;
  let url: string;

  beforeAll(async () => {
    app = await TestApp.start();
    url = await app.app.getUrl();
    browser = await startBrowser(cleanups);
  });
  afterAll(() => app.stop());

  /** Its clock goes on when the test says so. */
  async function opened(options: BrowserContextOptions = {}): Promise<Tab> {
    const tab = await Tab.open(browser, closed, options);
    await tab.page.clock.install();
    const page = await tab.page.goto(`${url}/status`);
    expect(page?.headers()['content-security-policy']).toContain(POLICY);
    return tab;
  }

  it('opened → the five levels as /status.json has them, under a strict policy, from this server alone', async () => {
    const tab = await opened();
    const shown = async () =>
      Promise.all(
        (await tab.page.locator('.card').all()).map(async (card) => {
          const value = card.locator('data');
          const exact = (await value.count()) > 0 ? Number(await value.getAttribute('value')) : null;
          return [await card.getAttribute('id'), exact, await card.locator('.state').innerText()];
        }),
      );
    const words = { ok: 'On target', warn: 'Off target', alert: 'Alert', unknown: 'Not known yet' };
    const reported = async () => {
      const levels: readonly ServiceLevel[] = (await app.client.get('//status.json')).body.levels;
      return levels.map(({ name, value, state }) => [name, value, words[state]]);
    };
    await until(async () => {
      await tab.page.reload(); // figures live for half a second
      return JSON.stringify(await shown()) === JSON.stringify(await reported());
    });
    expect((await shown()).map(([name]) => name)).toEqual([
      'response_time_p95_ms',
      'error_rate',
      'requests_per_second',
      'cpu',
      'memory',
    ]);
    expect(tab.complaints).toEqual([]);
    expect([...tab.hosts].filter(Boolean)).toEqual([new URL(url).host]);
  });

  it('traffic → the figures follow by themselves; the reader keeps focus', async () => {
    const tab = await opened();
    await tab.page.getByRole('button', { name: 'Pause updates' }).focus();
    const { token } = await app.factory.signedIn();
    await app.client.get('/users/me', { as: token });
    const row = tab.page.getByText('GET /api/v1/users/me');
    expect(await row.count()).toBe(0);
    await until(async () => {
      await tab.page.clock.runFor(PERIOD_MS);
      return (await row.count()) === 1;
    });
    expect(await tab.page.evaluate('document.activeElement.id')).toBe('pause');
    expect(tab.complaints).toEqual([]);
  });

  it('paused, or hidden → nothing is asked; resumed or seen again → at once', async () => {
    const tab = await opened();
    let asked = 0;
    tab.page.on('request', () => (asked += 1));
    const seen = (isHidden: boolean) =>
      tab.page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'))`);

    await tab.page.getByRole('button', { name: 'Pause updates' }).click();
    await tab.page.clock.runFor(10 * PERIOD_MS);
    expect(asked).toBe(0);
    await tab.page.getByRole('button', { name: 'Resume updates' }).click();
    await until(() => asked === 1);

    await seen(true);
    await tab.page.clock.runFor(10 * PERIOD_MS);
    expect(asked).toBe(1);
    await seen(false);
    await until(() => asked === 2);
  });

  it('the server stops → the page says so and goes on asking; it returns → the page does, too', async () => {
    const tab = await opened();
    const server = app.app.getHttpServer();
    const notice = tab.page.locator('#notice[role=alert]');
    const asOf = await tab.page.locator('.as-of time').innerText();
    server.close();
    server.closeAllConnections();
    await tab.page.clock.runFor(PERIOD_MS);
    await until(
      async () => (await notice.innerText()) === `The server does not answer. These figures are of ${asOf} UTC.`,
    );
    expect(await tab.page.title()).toMatch(/^No answer – /);

    server.listen(Number(new URL(url).port), '127.0.0.1');
    await once(server, 'listening');
    await until(async () => {
      await tab.page.clock.runFor(PERIOD_MS);
      return (await notice.innerText()) === '';
    });
    expect(await tab.page.title()).not.toMatch(/No answer/);
  });

  it('without JavaScript → the same page, which says how to renew it', async () => {
    const tab = await Tab.open(browser, closed, { javaScriptEnabled: false });
    await tab.page.goto(`${url}/status`);
    expect(await tab.page.locator('.card').count()).toBe(5);
    expect(await tab.page.getByText('Reload the page for new figures.').isVisible()).toBe(true);
    expect(await tab.page.getByRole('button').count()).toBe(0);
  });
});

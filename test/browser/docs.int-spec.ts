import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Locator } from 'playwright-core';
import { startBrowser, Tab } from '../support/browser.js';
import { Cleanups } from '../support/cleanups.js';
import { PASSWORD } from '../support/factory.js';
import { describeWith } from '../support/installed.js';
import { TestApp } from '../support/test-app.js';

describeWith('chromium')('the documentation in a browser', () => {
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

  it('log in by the form, place an order, read it back → as any client, under a strict policy', async () => {
    const user = await app.factory.aUser();
    const tab = await Tab.open(browser, closed);
    const page = await tab.page.goto(`${url}/docs`);
    const policy = page?.headers()['content-security-policy'];
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('unsafe-inline');
    await logIn(tab, user.email);

    const placing = await opened(tab, 'placeOrder');
    await placing.getByPlaceholder('Idempotency-Key').fill('sent-from-the-page');
    const [placed, order] = await executed(placing);
    expect([placed, order.userId]).toEqual(['201', user.id]);

    const reading = await opened(tab, 'readOrder');
    await reading.getByPlaceholder('id', { exact: true }).fill(order.id);
    expect(await executed(reading)).toEqual(['200', order]);

    expect(tab.complaints).toEqual([]); // a Swagger UI whose styles need another hash in the policy is one
    expect([...tab.hosts]).toEqual([new URL(url).host]);
  });

  it('a wrong password → the form says so', async () => {
    const user = await app.factory.aUser();
    const tab = await Tab.open(browser, closed);
    await tab.page.goto(`${url}/docs`);
    const form = await filledForm(tab, { email: user.email, password: 'not the password' });
    await form.getByText(/^Auth Error/i).waitFor();
    expect(await form.getByRole('button', { name: 'Remove authorization' }).count()).toBe(0);
  });
});

async function logIn(tab: Tab, email: string): Promise<void> {
  const form = await filledForm(tab, { email, password: PASSWORD });
  await form.getByRole('button', { name: 'Remove authorization' }).waitFor();
  await form.getByRole('button', { name: 'Close' }).click();
}

/** The form, sent. */
async function filledForm(tab: Tab, { email, password }: { email: string; password: string }): Promise<Locator> {
  await tab.page.locator('.auth-wrapper').getByRole('button', { name: 'Authorize' }).click();
  const form = tab.page.locator('.auth-container').filter({ hasText: 'oauth2' });
  await form.getByLabel('username').fill(email);
  await form.getByLabel('password').fill(password);
  await form.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click();
  return form;
}

async function opened(tab: Tab, operation: string): Promise<Locator> {
  const block = tab.page.locator(`[id="operations-Orders-${operation}"]`);
  await block.locator('.opblock-summary').click();
  return block;
}

/** @returns status and body of the answer, as the page shows them. */
async function executed(block: Locator) {
  await block.getByRole('button', { name: 'Execute' }).click();
  const answer = block.locator('.live-responses-table tbody tr').first();
  const status = await answer.locator('.response-col_status').innerText();
  const body = JSON.parse(await answer.locator('.highlight-code code').first().innerText());
  return [status.trim(), body];
}

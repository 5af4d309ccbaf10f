import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Cleanups } from './cleanups.js';
import { programFile } from './installed.js';

/** No sandbox, as tests may run as root; and nothing that a browser would do by itself on the network. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const LIMIT_MS = 10_000;

/** Debian's Chromium without a window, once a suite, with a profile that goes with it. */
export async function startBrowser(cleanups: Cleanups): Promise<Browser> {
  const executablePath = programFile('chromium');
  if (executablePath === undefined) throw new Error('chromium is not installed');
  const browser = await chromium.launch({ executablePath, headless: true, args: FLAGS });
  cleanups.add(() => browser.close());
  return browser;
}

/** A tab with cookies and storage of its own, which keeps what its user would not see: faults, and requests elsewhere. */
export class Tab {
  /** What the console said of errors and warnings, and what no script caught. */
  readonly complaints: string[] = [];
  readonly hosts = new Set<string>();

  private constructor(readonly page: Page) {
    page.setDefaultTimeout(LIMIT_MS);
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    page.on('request', (request) => this.hosts.add(new URL(request.url()).host));
  }

  /** @param options size of the window, colours, …; closed after the test. */
  static async open(browser: Browser, cleanups: Cleanups, options: BrowserContextOptions = {}): Promise<Tab> {
    const context = await browser.newContext(options);
    cleanups.add(() => context.close());
    return new Tab(await context.newPage());
  }
}

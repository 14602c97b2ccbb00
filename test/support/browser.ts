import { existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, type BrowserContext, chromium, type Page } from 'playwright-core';

/** What Debian and others call it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
/** Generous: two cores may be busy with another suite. */
const TIMEOUT_MS = 60_000;

/** Path of the browser: `CHROMIUM_PATH`, or the first Chromium on PATH; undefined where there is none. */
export function chromiumPath(): string | undefined {
  const { CHROMIUM_PATH: named, PATH = '' } = process.env;
  if (named) return isFile(named) ? named : undefined;
  return PATH.split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find(isFile);
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

/** `describe` where there is a browser; otherwise says why the suite is skipped, and skips it. */
export function describeWithBrowser(): typeof describe {
  if (chromiumPath() !== undefined) return describe;
  const named = process.env.CHROMIUM_PATH;
  const reason = named
    ? `CHROMIUM_PATH names no file: ${named}`
    : 'Chromium is missing (install it or set CHROMIUM_PATH)';
  console.warn(`skipped: the suites in a browser: ${reason}`);
  return describe.skip;
}

/** Starts a headless Chromium. It ends with `close`, and at the latest with this process. @throws Error where there is none */
export async function startBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error('there is no Chromium: install it or set CHROMIUM_PATH');
  // Chromium refuses its sandbox to root, and CI often is root in a container.
  return chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0, timeout: 2 * TIMEOUT_MS });
}

/** Something that a page did and that no page of ours may do. */
export interface PageFault {
  readonly kind: 'console' | 'exception' | 'request' | 'reply';
  readonly text: string;
}

/**
 * A person in front of a browser: own cookies, own window. Everything that pages do wrong meanwhile is remembered: errors and warnings
 * of the console, breaches of the Content-Security-Policy among them, exceptions, requests to another host than `origin`, and replies
 * of 500 and above.
 */
export class Visitor {
  private readonly seen: PageFault[] = [];

  private constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
    readonly origin: string,
  ) {}

  /** @param origin of the server, as `http://127.0.0.1:1234`; `file://` for pages that ask for nothing at all */
  static async arrive(browser: Browser, origin: string, options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await browser.newContext({ viewport: DESKTOP, ...options });
    context.setDefaultTimeout(TIMEOUT_MS);
    const visitor = new Visitor(context, await context.newPage(), origin);
    visitor.watch();
    return visitor;
  }

  private watch(): void {
    this.context.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.seen.push({ kind: 'console', text: message.text() });
    });
    this.context.on('weberror', (error) => this.seen.push({ kind: 'exception', text: error.error().message }));
    this.context.on('request', (request) => {
      const url = request.url();
      if (url !== this.origin && !url.startsWith(`${this.origin}/`) && !url.startsWith('data:'))
        this.seen.push({ kind: 'request', text: url });
    });
    this.context.on('response', (response) => {
      if (response.status() >= 500) this.seen.push({ kind: 'reply', text: `${response.status()} ${response.url()}` });
    });
  }

  /** What pages did wrong so far. */
  get faults(): readonly PageFault[] {
    return this.seen;
  }

  /** Opens a path of the server and returns the status of its reply. */
  async open(path: string): Promise<number> {
    const reply = await this.page.goto(`${this.origin}${path}`);
    return reply?.status() ?? 0;
  }

  /** How far the page can be scrolled sideways, in pixels; 0 on a page that fits its window. */
  async sidewaysPixels(): Promise<number> {
    // A string, as the tests are compiled without the types of the DOM.
    return this.page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  }

  /** What axe finds on the page as serious or critical, one line for each rule and up to three places. */
  async seriousFindings(): Promise<readonly string[]> {
    await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate<AxeResults>(
      // Of what passes, axe otherwise describes every element.
      `axe.run(document, { resultTypes: ['violations'] })`,
    );
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, help, nodes }) => {
        const places = nodes.slice(0, 3).map(({ html, failureSummary = '' }) => `  ${html}\n    ${failureSummary}`);
        return [`${id}: ${help} (${nodes.length})`, ...places].join('\n');
      });
  }

  async leave(): Promise<void> {
    await this.context.close();
  }
}

export const DESKTOP = { width: 1280, height: 900 };
/** As wide as most telephones. */
export const PHONE = { width: 390, height: 844 };

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatInZone } from '@plumbline/report';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { DESKTOP, describeWithBrowser, PHONE, startBrowser, Visitor } from '../support/browser.js';
import { letVersionTwoDrift, type OpenMatters, playDemo } from '../support/demo-store.js';
import { StandaloneServer } from '../support/standalone-server.js';
import { until } from '../support/until.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

// @embedded-only: what a browser shows does not depend on where the store is.

const ADMIN_KEY = 'admin-key-of-the-console-test';
const READ_KEY = 'read-key-of-the-console-test';

/** Everything that a person sees of Plumbline, in a real browser, on what the demo left and what happened after it. */
describeWithBrowser()('the console in a browser', () => {
  let dataDir: string;
  let receiver: WebhookReceiver;
  let server: StandaloneServer;
  let matters: OpenMatters;
  let browser: Browser;
  const visitors: Visitor[] = [];
  /** Who has signed in to read. */
  let reader: BrowserContextOptions['storageState'];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-console-'));
    const store = join(dataDir, 'store');
    await playDemo(store);
    receiver = await WebhookReceiver.start();
    server = await StandaloneServer.start({
      dataDir: store,
      env: {
        PLUMBLINE_API_KEYS: `${ADMIN_KEY}:default:ingest+read+admin,${READ_KEY}:default:read`,
        PLUMBLINE_ALERTING_ALLOW_HTTP: 'true',
        PLUMBLINE_ALERTING_ALLOWED_ADDRESSES: '127.0.0.0/8',
      },
    });
    matters = await letVersionTwoDrift(server.url, ADMIN_KEY, receiver.url);
    browser = await startBrowser();
    reader = await (await signIn(READ_KEY)).page.context().storageState();
  }, 900_000);

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await receiver?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }, 120_000);

  afterEach(async () => {
    for (const visitor of visitors.splice(0)) await visitor.leave();
  });

  async function arrive(options: BrowserContextOptions = {}, origin = server.url): Promise<Visitor> {
    const visitor = await Visitor.arrive(browser, origin, options);
    visitors.push(visitor);
    return visitor;
  }

  async function signIn(key: string, options: BrowserContextOptions = {}): Promise<Visitor> {
    const visitor = await arrive(options);
    await visitor.open('/');
    await visitor.page.getByLabel('API key').fill(key);
    await visitor.page.getByRole('button', { name: 'Sign in' }).click();
    await visitor.page.getByRole('heading', { level: 1, name: 'Models' }).waitFor();
    return visitor;
  }

  const alertOn = (feature: string): string => matters.alerts.find((alert) => alert.feature === feature)!.alert_id;

  /** Every kind of page, as a path. */
  const PAGES: readonly (readonly [name: string, path: () => string])[] = [
    ['fleet', () => '/'],
    ['fleet that finds nothing', () => '/?q=nothing-is-called-so'],
    ['overview', () => '/models/loans'],
    ['features', () => '/models/loans/features'],
    ['performance', () => '/models/loans/performance'],
    ['data quality', () => '/models/loans/quality'],
    ['alerts of a model', () => '/models/loans/alerts'],
    ['retraining', () => '/models/loans/retraining'],
    ['run that waits', () => `/models/loans/retraining?run=${matters.run.run_id}`],
    ['configuration', () => '/models/loans/configuration'],
    ['numeric feature', () => '/models/loans/features/income'],
    ['categorical feature', () => '/models/loans/features/purpose'],
    ['range without data', () => '/models/loans?from=2020-01-01T00:00:00Z&to=2020-01-08T00:00:00Z'],
    ['alerts', () => '/alerts'],
    ['alert that fires', () => `/alerts/${alertOn('income')}`],
  ];

  it('a stranger is asked for a key, told when it is none, and led to where they wanted', async () => {
    const visitor = await arrive();
    const { page } = visitor;
    await visitor.open('/models/loans/performance');
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    expect(await visitor.seriousFindings()).toEqual([]);
    await page.getByLabel('API key').fill('no-key-of-this-server');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    expect(await visitor.seriousFindings()).toEqual([]);
    await page.getByLabel('API key').fill(READ_KEY);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'loans' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/models/loans/performance');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
    await visitor.open('/');
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    // A browser tells of each refused reply; nothing else is wrong.
    expect(visitor.faults.filter(({ text }) => !/status of 40[13]/.test(text))).toEqual([]);
  });

  it.each(PAGES)('%s: readable by everybody, light on a desk and dark on a telephone', async (_, path) => {
    for (const options of [
      { viewport: DESKTOP, colorScheme: 'light' },
      { viewport: PHONE, colorScheme: 'dark' },
    ] as const) {
      const visitor = await arrive({ ...options, storageState: reader! });
      expect(await visitor.open(path())).toBe(200);
      expect(await visitor.seriousFindings()).toEqual([]);
      expect(await visitor.sidewaysPixels()).toBe(0);
      expect(visitor.faults).toEqual([]);
    }
  });

  it('a page that is not there says so and leads back', async () => {
    const visitor = await signIn(READ_KEY);
    for (const path of ['/models/nobody', '/models/loans/features/nothing', '/alerts/none', '/nowhere']) {
      expect([path, await visitor.open(path)]).toEqual([path, 404]);
      expect(await visitor.seriousFindings()).toEqual([]);
      await visitor.page.getByRole('link', { name: 'Plumbline' }).waitFor();
    }
    expect(visitor.faults.filter(({ text }) => !/status of 404/.test(text))).toEqual([]);
  });

  it('who may only read sees everything and no button to act', async () => {
    const visitor = await signIn(READ_KEY);
    await visitor.open(`/alerts/${alertOn('purpose')}`);
    await visitor.page.getByRole('heading', { level: 1, name: /purpose/ }).waitFor();
    expect(await visitor.page.getByRole('button').allInnerTexts()).toEqual(['Sign out']);
    expect(visitor.faults).toEqual([]);
  });

  it('times are those of the zone of the browser, at the first visit and after it', async () => {
    for (const timezoneId of ['Asia/Tokyo', 'America/St_Johns']) {
      const visitor = await signIn(READ_KEY, { timezoneId });
      for (const path of ['/alerts', `/alerts/${alertOn('income')}`]) {
        await visitor.open(path);
        const times = visitor.page.locator('time[data-form=minute]');
        const [instant, shown] = [await times.first().getAttribute('datetime'), await times.first().textContent()];
        expect(shown).toBe(formatInZone(Date.parse(instant!), timezoneId, 'minute'));
      }
      expect(await visitor.page.getByText(`Times in ${timezoneId}`).count()).toBe(1);
      expect(visitor.faults).toEqual([]);
    }
  });

  it('the story is clicked through: model, its parts, feature, alert; acknowledged, silenced, retraining approved', async () => {
    const visitor = await signIn(ADMIN_KEY);
    const { page } = visitor;
    await page.getByRole('table').getByRole('link', { name: 'loans', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'loans' }).waitFor();
    const tabs = page.getByRole('navigation', { name: 'Parts of the model' });
    for (const tab of [
      'Features',
      'Performance',
      'Data quality',
      'Alerts',
      'Retraining',
      'Configuration',
      'Overview',
    ]) {
      await tabs.getByRole('link', { name: tab }).click();
      await page.locator('[aria-current=page]', { hasText: tab }).waitFor();
      // Not an empty state: the demo left something for each.
      expect([tab, await page.getByRole('main').getByRole('table').count()]).not.toEqual([tab, 0]);
    }
    await tabs.getByRole('link', { name: 'Features' }).click();
    await page.getByRole('link', { name: 'purpose', exact: true }).first().click();
    await page.getByRole('heading', { level: 1, name: 'purpose' }).waitFor();
    expect(await page.getByText('crypto').count()).toBeGreaterThan(0);

    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Alerts' }).click();
    await page.getByRole('link', { name: 'purpose', exact: true }).first().click();
    await page.getByRole('heading', { level: 1, name: /purpose/ }).waitFor();
    expect(page.url()).toContain(alertOn('purpose'));

    const acknowledge = formWith(page, 'Acknowledge');
    await acknowledge.getByLabel('Your name').fill('Anna');
    await acknowledge.getByLabel('Note').fill('the form of the website has changed');
    await acknowledge.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByRole('status').waitFor();
    await page.getByRole('button', { name: 'Take back' }).waitFor();
    expect(await page.getByText('the form of the website has changed').count()).toBeGreaterThan(0);

    await page.getByText('Silence', { exact: true }).first().click();
    const silence = formWith(page, 'Silence');
    await silence.getByLabel('Why').fill('it is being mended');
    await silence.getByRole('button', { name: 'Silence' }).click();
    await page.getByRole('status').waitFor();
    expect(await page.getByText('it is being mended').count()).toBeGreaterThan(0);

    expect(receiver.calls).toEqual([]);
    await page.getByRole('button', { name: 'Approve the retraining' }).click();
    await page.getByRole('status').waitFor();
    expect(await page.getByRole('button', { name: 'Approve the retraining' }).count()).toBe(0);
    const call = await until('the call of the pipeline', () => receiver.calls[0], 60_000);
    expect(JSON.parse(call.body)).toMatchObject({ model: 'loans' });

    // What was done is there for everybody who comes later, over the API as well.
    const alert = await fetch(`${server.url}/v1/alerts/${alertOn('purpose')}`, {
      headers: { authorization: `Bearer ${READ_KEY}` },
    });
    expect(await alert.json()).toMatchObject({ acknowledged_by: expect.stringMatching(/^Anna/) as string });
    expect(visitor.faults).toEqual([]);
  });

  it('the keyboard alone is enough, from the key to the acknowledgement', async () => {
    const visitor = await arrive();
    const { page } = visitor;
    const { keyboard } = page;
    await visitor.open('/');
    // The cursor is in the only field.
    await keyboard.type(ADMIN_KEY);
    await keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor();
    await keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to the content');
    await keyboard.press('Enter');
    await tabTo(page, 'loans');
    await keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'loans' }).waitFor();
    await tabTo(page, 'Alerts', 'Parts of the model');
    await keyboard.press('Enter');
    await page.locator('[aria-current=page]', { hasText: 'Alerts' }).waitFor();
    await tabTo(page, 'income');
    await keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /income/ }).waitFor();
    await tabTo(page, 'Acknowledge');
    await keyboard.press('Enter');
    await page.getByRole('status').waitFor();
    await page.getByRole('button', { name: 'Take back' }).waitFor();
    expect(visitor.faults).toEqual([]);
  });

  it('works without script', async () => {
    const visitor = await signIn(ADMIN_KEY, { javaScriptEnabled: false });
    const { page } = visitor;
    await page.getByRole('link', { name: 'loans', exact: true }).first().click();
    await page.getByRole('heading', { level: 1, name: 'loans' }).waitFor();
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Alerts' }).click();
    await page.getByRole('link', { name: 'income', exact: true }).first().click();
    await page.getByText('Write a note').click();
    const form = formWith(page, 'Add the note');
    await form.getByLabel('Note').fill('seen without script');
    await form.getByRole('button', { name: 'Add the note' }).click();
    await page.getByRole('status').waitFor();
    expect(await page.getByText('seen without script').count()).toBeGreaterThan(0);
    expect(visitor.faults).toEqual([]);
  });

  it('a report is one file that asks for nothing, is readable by everybody and prints', async () => {
    const reply = await fetch(`${server.url}/v1/models/loans/report`, {
      headers: { authorization: `Bearer ${READ_KEY}` },
    });
    expect(reply.status).toBe(200);
    const file = join(dataDir, 'report.html');
    await writeFile(file, await reply.text());
    for (const options of [
      { viewport: DESKTOP, colorScheme: 'light' },
      { viewport: PHONE, colorScheme: 'dark' },
    ] as const) {
      const visitor = await arrive(options, `file://${file}`);
      await visitor.open('');
      await visitor.page.getByRole('heading', { level: 1 }).waitFor();
      expect(await visitor.seriousFindings()).toEqual([]);
      expect(await visitor.sidewaysPixels()).toBe(0);
      expect(visitor.faults).toEqual([]);
    }
    const printed = await arrive({}, `file://${file}`);
    await printed.open('');
    const pdf = join(dataDir, 'report.pdf');
    await printed.page.pdf({ path: pdf, format: 'A4', printBackground: false });
    const bytes = await readFile(pdf, 'latin1');
    expect(bytes.slice(0, 5)).toBe('%PDF-');
    // More than one page, and no more than the story is worth.
    const pages = bytes.match(/\/Type\s*\/Page\b/g)!.length;
    expect(pages).toBeGreaterThan(1);
    expect(pages).toBeLessThan(20);
  });
});

function formWith(page: Page, button: string): ReturnType<Page['locator']> {
  return page
    .locator('form')
    .filter({ has: page.getByRole('button', { name: button, exact: true, includeHidden: true }) });
}

/** What has the cursor, as text. */
function focused(page: Page): Promise<string> {
  return page.evaluate<string>('document.activeElement.textContent.trim()');
}

/** Presses Tab until the cursor is on what is called so, within the navigation of that name where one is given. */
async function tabTo(page: Page, name: string, navigation = ''): Promise<void> {
  const within = `document.activeElement.closest('nav')?.getAttribute('aria-label') ?? ''`;
  const passed: string[] = [];
  for (let presses = 0; presses < 100; presses += 1) {
    await page.keyboard.press('Tab');
    const text = await focused(page);
    const inRightPlace = navigation === '' || (await page.evaluate<string>(within)) === navigation;
    if (inRightPlace && (text === name || text.startsWith(`${name} `))) return;
    passed.push(text.slice(0, 40));
  }
  throw new Error(`no ${name} within 100 presses of Tab, but ${passed.join(' | ')}`);
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { startBrowser, Visitor } from './browser.js';
import { letVersionTwoDrift, playDemo } from './demo-store.js';
import { StandaloneServer } from './standalone-server.js';

// The pictures of the README: the console and a report on what the demo leaves and what happens after it. Needs the built apps and Chromium.

const IMAGES = resolve(import.meta.dirname, '../../docs/images');
const KEY = 'admin-key-of-the-screenshots';
/** A README is to open at once. */
const MAX_BYTES = 150_000;
const OPTIONS = { viewport: { width: 1180, height: 880 }, colorScheme: 'light', timezoneId: 'UTC' } as const;

async function take(page: Page, name: string): Promise<void> {
  const picture = await page.screenshot();
  if (picture.length > MAX_BYTES) throw new Error(`${name} has ${picture.length} bytes, more than ${MAX_BYTES}`);
  await writeFile(join(IMAGES, name), picture);
  console.log(`docs/images/${name}: ${picture.length} bytes`);
}

const folder = await mkdtemp(join(tmpdir(), 'plumbline-screenshots-'));
const dataDir = join(folder, 'store');
await playDemo(dataDir);
const server = await StandaloneServer.start({
  dataDir,
  env: { PLUMBLINE_API_KEYS: `${KEY}:default:ingest+read+admin` },
});
const browser = await startBrowser();
try {
  await mkdir(IMAGES, { recursive: true });
  // Nothing listens there, and nobody approves the call.
  await letVersionTwoDrift(server.url, KEY, 'https://pipeline.example/train');
  const visitor = await Visitor.arrive(browser, server.url, OPTIONS);
  await visitor.open('/models/loans/features');
  await visitor.page.getByLabel('API key').fill(KEY);
  await visitor.page.keyboard.press('Enter');
  await visitor.page.getByRole('heading', { level: 1, name: 'loans' }).waitFor();
  await take(visitor.page, 'console.png');

  const reply = await fetch(`${server.url}/v1/models/loans/report`, { headers: { authorization: `Bearer ${KEY}` } });
  const report = await Visitor.arrive(browser, 'file://', OPTIONS);
  await report.page.setContent(await reply.text());
  await take(report.page, 'report.png');
} finally {
  await browser.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

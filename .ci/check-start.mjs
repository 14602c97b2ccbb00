// Imports every built package, has each app read its settings, and starts the built server as a user does: ready, documented, and gone on SIGTERM with 0.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

for (const folder of ['libs', 'apps']) {
  for (const name of readdirSync(folder)) await import(`../${folder}/${name}/dist/index.js`);
}

// The main file of each app, as far as it goes without Kafka and a server.
for (const app of ['standalone', 'api', 'ingester', 'evaluator', 'alerter']) {
  const settings = execFileSync(process.execPath, [`apps/${app}/dist/main.js`, '--print-config'], { encoding: 'utf8' });
  assert.equal(typeof JSON.parse(settings).http.ingesterPort, 'number', app);
}

const dataDir = mkdtempSync(join(tmpdir(), 'plumbline-start-'));
const server = spawn(process.execPath, ['apps/standalone/dist/main.js'], {
  env: { PATH: process.env.PATH, PLUMBLINE_DATA_DIR: dataDir, PLUMBLINE_HTTP_PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const ended = once(server, 'exit');
const timer = setTimeout(() => server.kill('SIGKILL'), 60_000);
try {
  let url;
  for await (const line of createInterface({ input: server.stdout })) {
    console.log(line);
    url = JSON.parse(line).url;
    if (url) break;
  }
  assert(url, 'the server ended before it listened');
  server.stdout.resume();
  for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs']) {
    const response = await fetch(new URL(path, url));
    assert.equal(response.status, 200, path);
    await response.arrayBuffer();
  }
  server.kill('SIGTERM');
  const [code] = await ended;
  assert.equal(code, 0, 'exit code after SIGTERM');
} finally {
  clearTimeout(timer);
  server.kill('SIGKILL');
  await ended;
  rmSync(dataDir, { recursive: true, force: true });
}

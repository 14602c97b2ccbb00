import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { until } from '../../../test/support/until.js';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'log-and-end.mjs');
const COUNT = 100;

/** The built SDK in a process of its own, before a server that counts. */
describe('the end of a process', () => {
  let server: Server;
  let received = 0;
  let spoolDir: string;
  let url: string;
  beforeEach(async () => {
    received = 0;
    spoolDir = await mkdtemp(join(tmpdir(), 'plumbline-end-'));
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
        received += text.toString().split('\n').length - 1;
        response.end();
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    await rm(spoolDir, { recursive: true, force: true });
  });
  const env = (spool: boolean) => ({
    PATH: process.env.PATH,
    PLUMBLINE_URL: url,
    ...(spool ? { PLUMBLINE_SPOOL_DIR: spoolDir } : {}),
  });
  const spooled = async (): Promise<number> => {
    const names = (await readdir(spoolDir, { recursive: true })).filter((name) => name.endsWith('.ndjson'));
    const texts = await Promise.all(names.map((name) => readFile(join(spoolDir, name), 'utf8')));
    return texts.join('').split('\n').length - 1;
  };

  it('sends what is queued when there is nothing left to do, and ends', async () => {
    await run(process.execPath, [script, String(COUNT), 'return'], { env: env(false) });
    expect(received).toBe(COUNT);
  });

  it.each(['exit', 'throw'])(
    'writes what is queued to the spool on %s, and the next process sends it',
    async (ending) => {
      await run(process.execPath, [script, String(COUNT), ending], { env: env(true) }).catch(() => undefined);
      expect(received).toBe(0);
      expect(await spooled()).toBe(COUNT);
      await run(process.execPath, [script, '1', 'return'], { env: env(true) });
      expect(received).toBe(COUNT + 1);
      expect(await spooled()).toBe(0);
    },
  );

  it('loses nothing that was logged before SIGKILL', async () => {
    const child = spawn(process.execPath, [script, String(COUNT), 'kill'], { env: env(true) });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await spooled()).toBe(COUNT);
    await run(process.execPath, [script, '1', 'return'], { env: env(true) });
    expect(received).toBe(COUNT + 1);
  });

  it('does not hold a process whose server hangs longer than asked', async () => {
    server.removeAllListeners('request');
    const code = `
      const { Plumbline } = require('@plumbline/sdk');
      const plumbline = new Plumbline({ model: 'm', exitTimeoutMs: 50, onError: ({ reason, count }) => console.log(reason, count) });
      plumbline.logPrediction({ features: {} });`;
    const { stdout } = await run(process.execPath, ['-e', code], { env: env(false), cwd: import.meta.dirname });
    expect(stdout).toBe('not_sent_in_time 1\n');
  });

  it('is the same for CommonJS and for modules', async () => {
    const use = 'new Plumbline({ enabled: false }).close().then((all) => console.log(typeof plumblineExpress, all))';
    const names = '{ Plumbline, plumblineExpress }';
    const options = { env: env(false), cwd: import.meta.dirname };
    const common = await run(process.execPath, ['-e', `const ${names} = require('@plumbline/sdk'); ${use}`], options);
    const code = `import ${names} from '@plumbline/sdk'; ${use}`;
    const module = await run(process.execPath, ['--input-type=module', '-e', code], options);
    expect([common.stdout, module.stdout]).toEqual(['function true\n', 'function true\n']);
    await until('nothing is left over', () => (received === 0 ? true : undefined));
  });
});

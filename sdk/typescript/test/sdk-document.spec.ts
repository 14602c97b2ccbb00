import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const text = readFileSync(join(import.meta.dirname, '../../../docs/sdk.md'), 'utf8');
const snippets = [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code!);

/** The JavaScript of docs/sdk.md, each piece as a program of its own. */
describe('docs/sdk.md', () => {
  it('has pieces for Node', () => expect(snippets).toHaveLength(2));

  it.each(snippets)('runs and says nothing: %s', async (code) => {
    const paths: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      paths.push(request.url);
      request.resume();
      request.on('end', () => response.end());
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const options = { cwd: import.meta.dirname, env: { PATH: process.env.PATH, PLUMBLINE_URL: url } };
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', code], options);
    expect(stdout + stderr).toBe('');
    if (code.includes('logLabel')) expect(paths.sort()).toEqual(['/v1/labels', '/v1/predictions']);
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
});

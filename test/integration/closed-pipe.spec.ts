import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../apps/cli/dist/main.js');

/** `plumbline … | head -1`: the reader goes before everything is written. */
it('the command line ends in silence when nobody reads on', async () => {
  const child = spawn(process.execPath, [MAIN, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const [code] = (await once(child, 'exit')) as [number | null];
  expect([code, Buffer.concat(errors).toString()]).toEqual([0, '']);
});

import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

/** Publishes one record to a handler that fails, under a listener that only knows what to do with `known`. */
const program = (message: string): string => `
  import { InProcessEventStream } from '@plumbline/stream';
  let attempts = 0;
  const stream = new InProcessEventStream({
    partitions: 1, maxQueueBytes: 1000, maxBatchRecords: 10,
    onHandlerError: (error) => { if (error.message !== 'known') throw error; },
  });
  await stream.subscribe('plumbline.transitions', async () => { if (++attempts < 3) throw new Error('${message}'); }, { group: 'g' });
  await stream.publish('plumbline.transitions', [{ key: 'k', value: { project: 'p', model: 'm' }, sizeBytes: 1 }]);
  await stream.stop();
  console.log('handled after ' + attempts + ' attempts');`;

/** invariant 9: an unknown error in a consumer loop ends the process, loudly */
it.each([
  ['known', 0, 'handled after 3 attempts', ''],
  ['surprise', 1, '', 'Error: surprise'],
])('a handler that fails with "%s" ends the process with %i', (message, code, stdout, stderr) => {
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', program(message)], {
    cwd: resolve(import.meta.dirname, '../..'),
    encoding: 'utf8',
    timeout: 30_000,
  });
  expect(child.status).toBe(code);
  expect(child.stdout.trim()).toBe(stdout);
  expect(child.stderr).toContain(stderr);
});

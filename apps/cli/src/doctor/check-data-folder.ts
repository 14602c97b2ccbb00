import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fail, ok, warn, type Finding } from './finding.js';

const SCARCE_BYTES = 2 * 1024 ** 3;

/** Checks that the folder of the embedded store can be written (or made) and has room. Writes nothing. */
export async function checkDataFolder(folder: string): Promise<readonly Finding[]> {
  const path = resolve(folder);
  const existing = await nearestExisting(path);
  const made = existing === path ? path : `${path} (to be made in ${existing})`;
  const remedy = 'choose another with --data-dir or PLUMBLINE_DATA_DIR';
  if (!(await stat(existing)).isDirectory()) return [fail('data folder', `${existing} is no folder`, remedy)];
  const writable = await access(existing, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!writable) return [fail('data folder', `${made} cannot be written`, remedy)];
  const { bavail, bsize } = await statfs(existing);
  const freeBytes = bavail * bsize;
  const free = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free`;
  return [
    ok('data folder', `${made} can be written`),
    freeBytes < SCARCE_BYTES ? warn('disk', free, `make room, or ${remedy}`) : ok('disk', free),
  ];
}

async function nearestExisting(path: string): Promise<string> {
  let candidate = path;
  while (
    !(await stat(candidate).then(
      () => true,
      () => false,
    ))
  ) {
    candidate = dirname(candidate);
  }
  return candidate;
}

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const SHARED = resolve(import.meta.dirname, '../../../shared');

/** Path of a file in the folder of public data and expected values beside the project. */
export function sharedPath(path: string): string {
  return join(SHARED, path);
}

export function readOracle<T>(name: string): T {
  return JSON.parse(readFileSync(join(SHARED, 'oracles', `${name}.json`), 'utf8')) as T;
}

/** `describe` when all paths are there; otherwise says why the suite is skipped and skips it. */
export function describeWithShared(paths: readonly string[]): typeof describe {
  const absent = paths.filter((path) => !existsSync(join(SHARED, path)));
  if (absent.length === 0) return describe;
  console.warn(`skipped: these are absent beside the project: ${absent.map((path) => `../shared/${path}`).join(', ')}`);
  return describe.skip;
}

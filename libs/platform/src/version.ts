import { readFileSync } from 'node:fs';

/** The version of Plumbline: all packages of the repository carry the same. */
export const version = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string }
).version;

// Lets Node run the TypeScript of the tests as it stands: node --import ./test/conservation/run-typescript.mjs FILE.ts
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);

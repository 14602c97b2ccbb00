import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const swc = (tsx) => [
  '@swc/jest',
  {
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true, tsx },
      transform: {
        legacyDecorator: true,
        decoratorMetadata: true,
        react: { runtime: 'automatic', importSource: 'preact' },
      },
    },
    module: { type: 'es6' },
  },
];

/** What the projects share: ESM, TypeScript through swc, workspace packages read from their sources. */
const base = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: { '\\.ts$': swc(false), '\\.tsx$': swc(true) },
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^@plumbline/(contracts|statistics|monitoring|storage|stream|telemetry|platform|references|report)$':
      '<rootDir>/libs/$1/src/index.ts',
    '^@plumbline/sdk$': '<rootDir>/sdk/typescript/src/index.ts',
  },
};

/**
 * Specs that open a store, or start a standalone server that does: they run once more with the store on a ClickHouse server.
 * Left out are those that say so, and those that have a server of their own.
 */
function specsWithStore() {
  const opens = /\bStore\.open\(|\bStandaloneServer\.start\(/;
  const own = /@embedded-only|support\/clickhouse-server\.js/;
  return ['apps', 'libs', 'test/integration']
    .flatMap((folder) =>
      readdirSync(join(import.meta.dirname, folder), { recursive: true }).map((file) => join(folder, file)),
    )
    .filter((file) => file.endsWith('.spec.ts') && !file.includes('node_modules'))
    .filter((file) => {
      const text = readFileSync(join(import.meta.dirname, file), 'utf8');
      return opens.test(text) && !own.test(text);
    })
    .map((file) => `<rootDir>/${file}`);
}

export default {
  testTimeout: 180_000,
  maxWorkers: 2,
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: [
        '<rootDir>/{apps,libs}/*/src/**/*.spec.{ts,tsx}',
        '<rootDir>/sdk/typescript/src/**/*.spec.ts',
        '<rootDir>/test/{conformance,conservation}/**/*.spec.ts',
      ],
    },
    { ...base, displayName: 'contract', testMatch: ['<rootDir>/test/contract/**/*.spec.ts'] },
    {
      ...base,
      displayName: 'integration',
      testMatch: [
        '<rootDir>/test/integration/**/*.spec.ts',
        '<rootDir>/{sdk/typescript,examples/express}/test/**/*.spec.ts',
      ],
    },
    {
      ...base,
      displayName: 'server',
      testMatch: specsWithStore(),
      setupFilesAfterEnv: ['<rootDir>/test/support/stores-over-http.ts'],
    },
  ],
};

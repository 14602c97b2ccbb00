/** Who may import whom: the table of docs/architecture.md, as rules. */
const libs = (names) => `^libs/(${names.join('|')})/`;
const forbid = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });

module.exports = {
  forbidden: [
    forbid('no-circular', {}, { circular: true }, 'a cycle hides which of two modules is the lower one'),
    forbid('every-import-resolves', {}, { couldNotResolve: true }, 'every import must resolve'),
    forbid(
      'no-undeclared-dependency',
      { path: '^(apps|libs)/[^/]+/src', pathNot: '\\.spec\\.tsx?$' },
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
      'a package that only another workspace declares is there by luck',
    ),
    forbid(
      'contracts-only-zod',
      { path: '^libs/contracts/src', pathNot: '\\.spec\\.tsx?$' },
      { pathNot: ['^libs/contracts/src', 'node_modules/zod/'] },
      'contracts is what everything shares, so it depends on nothing but zod',
    ),
    forbid(
      'statistics-is-pure',
      { path: '^libs/statistics/src', pathNot: '\\.spec\\.tsx?$' },
      { pathNot: ['^libs/statistics/src', 'node_modules/simple-statistics/'] },
      'statistics is usable on its own and imports no project code and no node:*',
    ),
    forbid(
      'monitoring-is-pure',
      { path: '^libs/monitoring/src', pathNot: '\\.spec\\.tsx?$' },
      { pathNot: ['^libs/(monitoring|contracts|statistics)/src', 'node_modules/re2js/'] },
      'the domain does no I/O, knows no framework and no clock',
    ),
    forbid(
      'report-is-pure',
      { path: '^libs/report/src', pathNot: '\\.spec\\.tsx?$' },
      { pathNot: ['^libs/(report|contracts)/src', 'node_modules/(preact|preact-render-to-string|echarts)/'] },
      'what people read is made of data alone: text, HTML and SVG out',
    ),
    forbid(
      'storage-imports',
      { path: '^libs/storage/src', pathNot: '\\.spec\\.tsx?$' },
      {
        path: [
          '^apps/',
          libs(['monitoring', 'references', 'report', 'stream', 'telemetry', 'statistics', 'platform']),
          'node_modules/@nestjs/',
        ],
      },
      'storage knows contracts and the engine, nothing above',
    ),
    forbid(
      'stream-imports',
      { path: '^libs/stream/src', pathNot: '\\.spec\\.tsx?$' },
      {
        path: [
          '^apps/',
          libs(['monitoring', 'references', 'report', 'storage', 'telemetry', 'statistics', 'platform']),
          'node_modules/@nestjs/',
        ],
      },
      'the stream port knows contracts, nothing above',
    ),
    forbid(
      'telemetry-imports',
      { path: '^libs/telemetry/src' },
      {
        path: [
          '^apps/',
          libs(['contracts', 'monitoring', 'references', 'report', 'storage', 'stream', 'statistics', 'platform']),
        ],
      },
      'telemetry is shared by every app and knows none of the domain',
    ),
    forbid(
      'platform-imports',
      { path: '^libs/platform/src', pathNot: '\\.spec\\.tsx?$' },
      { path: ['^apps/', libs(['monitoring', 'references', 'report', 'statistics'])] },
      'the platform carries the apps and knows none of them, nor the domain',
    ),
    forbid(
      'references-imports',
      { path: '^libs/references/src', pathNot: '\\.spec\\.tsx?$' },
      { path: ['^apps/', libs(['report', 'stream', 'telemetry', 'platform'])] },
      'references are made of what the store holds by rules of the domain: no process, no stream',
    ),
    forbid(
      'clickhouse-in-storage-only',
      { pathNot: '^(libs/storage/|test/)' },
      { path: 'node_modules/(@clickhouse|chdb)/' },
      'one place with SQL, one place with a client',
    ),
    forbid(
      'kafka-in-stream-only',
      { pathNot: '^(libs/stream/|test/)' },
      { path: 'node_modules/kafkajs/' },
      'nothing outside the Kafka adapter may know its name',
    ),
    forbid(
      'nest-in-apps-only',
      { path: '^(libs|sdk)/', pathNot: ['^libs/(telemetry|platform)/', '^sdk/.*\\.spec\\.tsx?$'] },
      { path: 'node_modules/@nestjs/' },
      'Nest exists in apps, libs/telemetry and libs/platform only',
    ),
    forbid(
      'apps-do-not-import-one-another',
      { path: '^apps/(?!standalone/)([^/]+)/' },
      { path: '^apps/', pathNot: '^apps/$1/' },
      'only standalone composes apps',
    ),
    forbid(
      'sdk-has-no-dependency',
      { path: '^sdk/typescript/src', pathNot: '\\.spec\\.tsx?$' },
      { dependencyTypesNot: ['core', 'local'] },
      'services take the SDK into their process: it brings nothing along',
    ),
    forbid(
      'cli-is-a-client',
      { path: '^apps/cli/' },
      { path: ['^libs/(?!contracts/)', 'node_modules/@nestjs/', '^apps/(?!cli/)'] },
      'the command line is a client of the HTTP API',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Ours only: packages have a dist folder too, and an excluded import breaks no rule.
    exclude: { path: '^(apps|libs)/[^/]+/dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      conditionNames: ['plumbline-source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.js', '.json'],
    },
  },
};

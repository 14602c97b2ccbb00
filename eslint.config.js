import tseslint from 'typescript-eslint';

const tests = ['**/*.spec.ts', '**/*.spec.tsx', '**/*.contract.ts'];
const environment = {
  selector: 'MemberExpression[object.name="process"][property.name="env"]',
  message: 'Settings come from the configuration, which is parsed once at start and passed in.',
};
const clock = {
  selector:
    'CallExpression[callee.object.name="Date"][callee.property.name="now"], NewExpression[callee.name="Date"][arguments.length=0]',
  message: 'The time is an argument here.',
};
const defaultExport = { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' };

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.cache/**', 'data/**', '*.config.js', '.dependency-cruiser.cjs'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', environment, defaultExport],
    },
  },
  { files: ['**/*.js', '**/*.mjs', '**/*.cjs'], ...tseslint.configs.disableTypeChecked },
  {
    // What dependency-cruiser cannot see: globals.
    files: ['libs/{contracts,statistics,monitoring,report}/src/**', 'libs/{storage,stream}/src/**'],
    ignores: tests,
    rules: {
      'no-restricted-globals': ['error', { name: 'process', message: 'Below the apps there is no process.' }],
    },
  },
  {
    files: ['libs/{contracts,statistics,monitoring,report,storage}/src/**'],
    ignores: tests,
    rules: { 'no-restricted-syntax': ['error', environment, defaultExport, clock] },
  },
  {
    // A main file hands the environment to the parser of the configuration; the alerter looks secrets up when it uses them.
    // The SDK does what its users ask of it by the environment; it has no main file.
    files: [
      'apps/*/src/main.ts',
      'apps/alerter/src/alerter.module.ts',
      'sdk/typescript/{src/plumbline.ts,test/**}',
      'examples/**',
      'test/**',
      '.ci/**',
      ...tests,
    ],
    rules: { 'no-restricted-syntax': ['error', defaultExport] },
  },
  {
    files: ['apps/cli/src/**', 'sdk/python/*.mjs', 'test/**', '.ci/**', ...tests],
    rules: { 'no-console': 'off' },
  },
);

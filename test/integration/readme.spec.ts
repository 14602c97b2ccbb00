import { join } from 'node:path';
import { fencesOf } from '../support/document-fences.js';
import { DocumentRun } from '../support/document-run.js';
import { hasPythonWithVenv } from '../support/python.js';
import { until } from '../support/until.js';

// @embedded-only: it is about what a reader types, and readers begin with the embedded engine.

const ROOT = join(import.meta.dirname, '../..');
const fences = fencesOf(join(ROOT, 'README.md')).filter(({ language }) => language !== 'mermaid');

/** The commands and snippets of README.md, against the server that it starts. */
(hasPythonWithVenv() ? describe : describe.skip)('README.md', () => {
  let run: DocumentRun;
  beforeAll(async () => {
    // In place of `pip install ./sdk/python`, which docs/sdk.md asks for.
    run = await DocumentRun.start([8080], { PYTHONPATH: join(ROOT, 'sdk/python/src'), PLUMBLINE_DATA_DIR: 'data' });
  });
  afterAll(async () => run.stop());

  it('logs a prediction from Python and one from Node', async () => {
    const served = fences.filter(({ language }) => language !== 'python' && language !== 'ts');
    await run.play(served);
    // The server of `npm start` listens where the test wants it; the snippets find it by PLUMBLINE_URL, as they say.
    await run.play(fences.filter((fence) => !served.includes(fence)));
    const stored = async (): Promise<true | undefined> => {
      // Counts the raw rows, whatever the cells say.
      const response = await fetch(`${run.url}/v1/models/loans/cells/verify`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"repair":true}',
      });
      const { predictions } = (await response.json()) as { predictions?: number };
      return predictions === 2 || undefined;
    };
    await until('both are stored', stored, 60_000);
  });

  it('leaves out the demo and the tests only', () => {
    const left = fences.filter(({ note }) => note?.startsWith('not run'));
    expect(left.map(({ code }) => code.split(' #')[0])).toEqual([
      'npm ci && npm run demo -- --keep',
      'npm ci && npm test',
    ]);
  });
});

if (!hasPythonWithVenv()) console.log('skipped: README.md, because there is no python3');

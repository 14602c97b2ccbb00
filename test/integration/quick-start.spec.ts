import { join } from 'node:path';
import { fencesOf } from '../support/document-fences.js';
import { DocumentRun } from '../support/document-run.js';
import { hasPythonWithVenv } from '../support/python.js';

// @embedded-only: it is about what a reader types, and readers begin with the embedded engine.

const fences = fencesOf(join(import.meta.dirname, '../../docs/quick-start.md'));

/** Everything that docs/quick-start.md tells a reader to do, done in its order. */
(hasPythonWithVenv() ? describe : describe.skip)('docs/quick-start.md', () => {
  let run: DocumentRun;
  beforeAll(async () => {
    run = await DocumentRun.start([8080, 3001, 3002]);
  });
  afterAll(async () => run.stop());

  it('works from its beginning to its end', async () => {
    await run.play(fences);
    const response = await fetch(`${run.url}/v1/alerts?model=loans`);
    const { items } = (await response.json()) as { items: { monitor: string; feature: string; status: string }[] };
    expect(items).toContainEqual(
      expect.objectContaining({ monitor: 'feature-drift', feature: 'income', status: 'firing' }),
    );
  }, 900_000);

  it('leaves out the installation only', () => {
    expect(fences.filter(({ note }) => note?.startsWith('not run')).map(({ code }) => code)).toEqual(['npm ci']);
  });
});

if (!hasPythonWithVenv()) console.log('skipped: docs/quick-start.md, because there is no python3 with venv');

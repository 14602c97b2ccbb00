import { modelDeclarationSchema } from '@plumbline/contracts';
import { saveModels } from '@plumbline/storage';
import { ConsoleServer, type ConsoleVisitor } from '../../../../../test/support/console-server.js';

describe('the first page of the console', () => {
  let server: ConsoleServer;
  let visitor: ConsoleVisitor;
  beforeAll(async () => {
    server = await ConsoleServer.open();
    visitor = await server.visitor('read');
    const models = Array.from({ length: 120 }, (_, index) => ({
      project: 'p',
      model: `model-${String(index).padStart(3, '0')}`,
      declaration: modelDeclarationSchema.parse({}),
      origin: 'declared' as const,
      updatedAtMs: Date.now(),
      updatedBy: 'test',
    }));
    await saveModels(server.store, models);
  });
  afterAll(() => server.close());

  const modelsOf = (html: string): string[] =>
    [...html.matchAll(/href="\/models\/([\w.-]+)"/g)].map(([, model]) => model!);

  it('tells a new server’s people how to log the first prediction, with the address they came by', async () => {
    const { html } = await (await server.visitor('other')).get('/');
    expect(html).toContain('No model yet');
    expect(html).toContain(`url=&quot;${server.url}&quot;`);
    expect(html).toContain('plumbline.log_prediction(');
    expect(html).toContain('authorization: Bearer YOUR-KEY');
  });

  it('shows fifty models, and leads to the others', async () => {
    const first = await visitor.get('/');
    expect(modelsOf(first.html)).toHaveLength(50);
    expect(first.html).toContain('1–50 of 120 models');
    expect(first.html).toContain('href="/?page=2"');
    const last = await visitor.get('/?page=3');
    expect(modelsOf(last.html)).toEqual(Array.from({ length: 20 }, (_, index) => `model-${100 + index}`));
    expect(last.html).not.toContain('rel="next"');
    expect(modelsOf((await visitor.get('/?page=99')).html)).toEqual(modelsOf(last.html));
  });

  it.each([
    ['/?q=MODEL-01', 10],
    ['/?q=model-01&state=new', 10],
    ['/?q=model-01&state=critical', 0],
    ['/?q=nothing-like-that', 0],
    ['/?state=nonsense&page=-1', 50],
  ])('finds with %s %i models', async (path, count) => {
    const { status, html } = await visitor.get(path);
    expect(status).toBe(200);
    expect(modelsOf(html)).toHaveLength(count);
    if (count === 0) expect(html).toContain('No model is like that');
  });

  it('keeps search and state in the links to other pages', async () => {
    const { html } = await visitor.get('/?q=model&state=new');
    expect(html).toContain('href="/?q=model&amp;state=new&amp;page=2"');
    expect(html).toContain('<input type="hidden" name="state" value="new"/>');
  });
});

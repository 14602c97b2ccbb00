import {
  type Measurement,
  modelDeclarationSchema,
  type RetrainingRun,
  retrainingPolicyDeclarationSchema,
  withoutLabels,
} from '@plumbline/contracts';
import {
  insertMeasurements,
  insertRetrainingEvent,
  insertRetrainingRun,
  listRetrainingEvents,
  saveModel,
  saveModelFeatures,
  saveRetrainingPolicy,
} from '@plumbline/storage';
import { ConsoleServer, type ConsoleVisitor } from '../../../../../../test/support/console-server.js';
import { seedVersions } from '../../../../../../test/support/seed-versions.js';
import { featurePath, modelPath } from '../../paths.js';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 0, 5);
const RANGE = 'from=2026-01-05T00:00:00Z&to=2026-01-10T00:00:00Z';
const TABS = ['', '/features', '/performance', '/quality', '/alerts', '/retraining', '/configuration'];
const STRANGE = [
  '<script>alert("x")</script>',
  '../..',
  '..',
  '.',
  '~',
  '~~',
  'a/b?c#d&e=f',
  'ü 漢字',
  'x'.repeat(256),
];

// @embedded-only: pages read by the queries that other specs run over HTTP
describe('pages of a model', () => {
  let server: ConsoleServer;
  let visitor: ConsoleVisitor;

  beforeAll(async () => {
    server = await ConsoleServer.open();
    visitor = await server.visitor();
    for (const model of ['loans', 'new', 'declared']) await declare(model);
    await saveModelFeatures(
      server.store,
      'p',
      'loans',
      ['income', ...STRANGE].map((feature) => ({ feature, kind: 'numeric', origin: 'declared' })),
      1,
    );
    const days = [0, 1, 2, 3];
    await insertMeasurements(
      server.store,
      ['income', ...STRANGE].flatMap((feature) => days.map((day) => drifted(feature, day))),
      'p/loans/feature-drift:0-3:1',
    );
    await seedVersions(server.store, 'p', 'new', START_MS, [{ version: '1', minute: 0, label: '1' }]);
  });
  afterAll(() => server.close());

  const declare = (model: string): Promise<void> =>
    saveModel(server.store, {
      ...{ project: 'p', model, declaration: modelDeclarationSchema.parse({}) },
      ...{ origin: 'declared', updatedAtMs: 1, updatedBy: 't' },
    });

  const drifted = (feature: string, day: number): Measurement => ({
    ...{ project: 'p', model: 'loans', monitor: 'feature-drift', version: '1', segment: '', feature },
    ...{ method: 'psi.decile', windowStartMs: START_MS + day * DAY_MS, windowEndMs: START_MS + (day + 1) * DAY_MS },
    ...{ dataStartMs: START_MS + day * DAY_MS, revision: 0, value: 0.1 * day, effect: 0.1 * day, errorBound: 0 },
    ...{ pValue: 0.01, adjustedPValue: 0.01, alpha: 0.05, nReference: 1_000, nCurrent: 500, nMissing: 0 },
    ...{ thresholdWarning: 0.2, thresholdCritical: 0.5, lower: NaN, upper: NaN, ...withoutLabels },
    ...{ referenceId: '', severity: day > 1 ? 'warning' : 'ok', decides: true, reason: `${feature} moved` },
    evaluatedAtMs: START_MS + 10 * DAY_MS,
  });

  it.each(TABS)('shows the tab "%s" with its filters in every link to another', async (tab) => {
    const { status, html, headers } = await visitor.get(`/models/loans${tab}?${RANGE}`);
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(html).toContain('href="/models/loans/features?from=2026-01-05T00%3A00%3A00.000Z&amp;to=2026-01-10');
    expect(html).not.toContain('<script>alert');
  });

  it('ranks the features, finds one by a part of its name, and says so when there is none', async () => {
    const all = (await visitor.get(`/models/loans/features?${RANGE}`)).html;
    expect(all).toContain('href="/models/loans/features/income?from=');
    const found = (await visitor.get(`/models/loans/features?${RANGE}&q=INC`)).html;
    expect(found).toContain('/models/loans/features/income?');
    expect(found).not.toContain('/models/loans/features/~..?');
    const none = (await visitor.get(`/models/loans/features?${RANGE}&q=%3Cscript%3E`)).html;
    expect(none).toContain('/models/loans/features/%3Cscript');
    expect((await visitor.get(`/models/loans/features?${RANGE}&q=nothing`)).html).toContain('No feature of that name');
  });

  it.each(['income', ...STRANGE])('shows feature %j under an address that keeps its name', async (feature) => {
    // As a browser does: what a path would swallow is gone then.
    const path = new URL(featurePath('loans', feature), 'http://h').pathname;
    const { status, html } = await visitor.get(`${path}?${RANGE}`);
    expect(status).toBe(200);
    expect(html).not.toContain('<script>alert');
    expect(html).toContain('PSI over time');
    expect(html).toContain('2 of 4 windows');
  });

  it.each([
    ['a model that is unknown', '/models/nothing', 'there is no model'],
    ['one whose name is a script', `/models/${encodeURIComponent(STRANGE[0]!)}`, 'there is no model'],
    ['a feature that is unknown', '/models/loans/features/nothing', 'has no feature'],
    ['a run that is unknown', '/models/loans/retraining?run=nothing', 'there is no retraining run'],
  ])('says that there is no such thing: %s', async (_, path, sentence) => {
    const { status, html } = await visitor.get(path);
    expect(status).toBe(404);
    expect(html.toLowerCase()).toContain(sentence);
    expect(html).not.toContain('<script>alert');
  });

  it('says what to do where there is nothing to show', async () => {
    expect((await visitor.get('/models/declared')).html).toContain('No prediction yet');
    expect((await visitor.get('/models/new')).html).toContain('No window was evaluated yet');
    const elsewhere = (await visitor.get('/models/loans?from=2025-01-01&to=2025-01-05')).html;
    expect(elsewhere).toContain('No window in this range');
    expect(elsewhere).toContain('to=2026-01-09T00%3A00%3A00.000Z');
    const version = (await visitor.get(`/models/loans/features?${RANGE}&version=9`)).html;
    expect(version).toContain('Nothing in this version and segment');
    expect((await visitor.get(`/models/loans/performance?${RANGE}`)).html).toContain('No labels');
    expect((await visitor.get('/models/loans/configuration')).html).toContain('plumbline reference upload');
    expect((await visitor.get('/models/loans/retraining')).html).toContain('No policy, so no runs');
  });

  it.each(['range=8d', 'from=2026-01-02&to=2026-01-01', 'version=..%2F..', 'segment=a&segment=b'])(
    'says what is wrong with the address %s',
    async (query) => {
      const { status, html } = await visitor.get(`/models/loans?${query}`);
      expect(status).toBe(400);
      expect(html).toContain(query.slice(0, query.indexOf('=')) === 'from' ? 'to' : query.slice(0, query.indexOf('=')));
    },
  );

  it('shows nothing of a model of another project', async () => {
    const stranger = await server.visitor('other');
    for (const tab of [...TABS, '/features/income']) {
      expect((await stranger.get(`/models/loans${tab}`)).status).toBe(404);
    }
  });

  it('lets a run be approved once, and tells who comes second what was decided', async () => {
    const policy = retrainingPolicyDeclarationSchema.parse({
      approval: {},
      target: { url: 'https://pipeline.example/train' },
    });
    await saveRetrainingPolicy(server.store, {
      ...{ project: 'p', model: 'loans', policy: 'by-hand', declaration: policy, updatedBy: 't', updatedAtMs: 1 },
    });
    const run: RetrainingRun = {
      ...{ runId: 'run-1', project: 'p', model: 'loans', version: '1', policy: 'by-hand', alertIds: [], features: [] },
      ...{ scheduledForMs: 0, reason: 'accuracy fell', requestedAtMs: START_MS, status: 'requested', detail: '' },
      ...{ newVersion: '', externalId: '', externalUrl: '', updatedAtMs: START_MS },
    };
    await insertRetrainingRun(server.store, run);
    await insertRetrainingEvent(server.store, {
      ...{ project: 'p', model: 'loans', runId: 'run-1', eventId: 'e1', from: 'requested', to: 'awaiting_approval' },
      ...{ who: 'policy by-hand', detail: '', newVersion: '', externalId: '', externalUrl: '', atMs: START_MS + 1 },
    });
    const tab = modelPath('loans', 'retraining');
    expect((await visitor.get(tab)).html).toContain('A run waits for approval');
    const reader = await server.visitor('read');
    const read = (await reader.get(tab)).html;
    expect(read).toContain('Who has a key with the scope');
    expect(read).not.toContain('/retraining-runs/');
    const action = '/retraining-runs/run-1/decide';
    const form = { decision: 'approved', author: 'Ada', note: 'go', alert: '' };
    expect((await reader.submit(tab, action, form)).status).toBe(403);
    const approved = await visitor.submit(tab, action, form);
    expect(approved.html).toContain('Approved: the pipeline is being called');
    expect(approved.html).toMatch(/Ada \(key [0-9a-f]{8}\)/);
    const late = await visitor.submit(tab, action, { ...form, decision: 'refused', author: 'Grace' });
    expect(late.html).toContain('Nothing was changed');
    expect(late.html).toContain('it is approved already');
    expect((await listRetrainingEvents(server.store, 'p', 'run-1')).map(({ to }) => to)).toEqual([
      'awaiting_approval',
      'approved',
    ]);
    expect((await visitor.submit(tab, action, { ...form, decision: 'maybe' })).status).toBe(400);
  });
});

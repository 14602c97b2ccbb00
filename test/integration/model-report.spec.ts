import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type FeatureCell, type Measurement, modelDeclarationSchema, type Transition } from '@plumbline/contracts';
import {
  insertCells,
  insertMeasurements,
  insertRetrainingRun,
  insertTransitions,
  markHoursDirty,
  saveModel,
  saveReference,
} from '@plumbline/storage';
import { runProgram } from '../../apps/cli/src/program.js';
import { ConsoleServer, KEYS } from '../support/console-server.js';

// A model whose income moved on the sixth day and stayed there while accuracy fell; the other feature has a hostile name.
// Once is enough: libs/storage/src/tables/series-summary.spec.ts runs its SQL over HTTP too.
const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 0, 1);
const DAYS = 8;
const END_MS = START_MS + DAYS * DAY_MS;
const HOSTILE = '<script>alert(1)</script>"\'&';
const key = { project: 'p', model: 'loans' };
const range = { from: new Date(START_MS).toISOString(), to: new Date(END_MS).toISOString() };

const measurementOf = (day: number, values: Partial<Measurement>): Measurement => ({
  ...key,
  version: '7',
  monitor: 'feature-drift',
  segment: '',
  feature: 'income',
  method: 'psi.decile',
  windowStartMs: START_MS + day * DAY_MS,
  windowEndMs: START_MS + (day + 1) * DAY_MS,
  dataStartMs: START_MS + day * DAY_MS,
  revision: 0,
  value: 0.02,
  effect: 0.01,
  errorBound: 0,
  pValue: 0.4,
  adjustedPValue: 0.5,
  alpha: 0.01,
  nReference: 1000,
  nCurrent: 100,
  nMissing: 0,
  thresholdWarning: 0.1,
  thresholdCritical: 0.25,
  lower: NaN,
  upper: NaN,
  coverage: NaN,
  lagP50Ms: NaN,
  lagP95Ms: NaN,
  finalFromMs: 0,
  referenceId: 'r',
  severity: 'ok',
  decides: true,
  reason: 'as it was',
  evaluatedAtMs: END_MS,
  ...values,
});

const days = Array.from({ length: DAYS }, (_, day) => day);
const measurements = days.flatMap((day): Measurement[] => {
  const moved = day >= 5;
  return [
    measurementOf(day, moved ? { value: 0.41, effect: 0.4, severity: 'critical', adjustedPValue: 1e-8 } : {}),
    measurementOf(day, { feature: HOSTILE }),
    measurementOf(day, {
      monitor: 'performance',
      feature: '',
      method: 'accuracy',
      value: moved ? 0.74 : 0.83,
      effect: moved ? 0.1084 : 0,
      lower: moved ? 0.72 : 0.8,
      upper: moved ? 0.76 : 0.86,
      thresholdWarning: 0.05,
      thresholdCritical: 0.1,
      nCurrent: 61,
      coverage: 0.61,
      severity: moved ? 'critical' : 'ok',
    }),
    measurementOf(day, {
      monitor: 'data-quality',
      method: 'missing_rate',
      value: 0.02,
      effect: 0.01,
      thresholdWarning: 0.05,
      thresholdCritical: NaN,
    }),
  ];
});

const cellOf = (day: number): FeatureCell => ({
  ...{ ...key, version: '7', segment: '', series: 'income', binSetId: 'bins of income' },
  minuteMs: START_MS + day * DAY_MS,
  ...{ n: 100, missing: 0, invalid: 0, sum: 2500, sumSquares: 63_000, min: 20, max: 30 },
  ...{ binIndexes: [2], binCounts: [100] },
});

const fired: Transition = {
  ...key,
  ...{ version: '7', monitor: 'feature-drift', segment: '', feature: 'income', method: 'psi.decile' },
  ...{
    transitionId: 't-1',
    alertId: 'a-1',
    from: 'inactive',
    to: 'firing',
    severity: 'critical',
    severityBefore: 'ok',
  },
  windowStartMs: START_MS + 5 * DAY_MS,
  windowEndMs: START_MS + 6 * DAY_MS,
  ...{ revision: 0, value: 0.41, threshold: 0.25, nCurrent: 100, pValue: 1e-8, resolvedBy: '' },
  reason: `beyond chance ${HOSTILE}`,
  decidedAtMs: START_MS + 6 * DAY_MS,
};

describe('the report of a model', () => {
  let server: ConsoleServer;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-report-'));
    server = await ConsoleServer.open();
    const { store } = server;
    for (const model of ['loans', 'idle']) {
      const declaration = modelDeclarationSchema.parse({ task: 'binary' });
      await saveModel(store, { ...key, model, declaration, origin: 'declared', updatedBy: 't', updatedAtMs: START_MS });
    }
    await saveReference(store, {
      ...{ ...key, version: '7', referenceId: 'r', createdAtMs: START_MS - DAY_MS, createdBy: 't', source: 'test' },
      ...{ n: 1000, performance: { accuracy: 0.83 } },
      series: [
        {
          ...{
            series: 'income',
            kind: 'numeric',
            binSetId: 'bins of income',
            edges: [10, 20],
            decileEdgeIndexes: [0, 1],
          },
          ...{ categories: [], otherHashes: [], counts: [400, 300, 300], n: 1000, missing: 0, invalid: 0 },
          ...{ mean: 14, std: 5, min: 0, max: 30 },
        },
      ],
    });
    const traffic = days.map((day) => ({
      ...{ ...key, version: '7', segment: '', minuteMs: START_MS + day * DAY_MS, idHashSum: 1 },
      ...{ n: 100, weight: 1000, weightSquares: 10_000, errors: 0, latencyN: 0 },
      ...{ latencyBinIndexes: [], latencyBinCounts: [] },
    }));
    await insertCells(store, days.map(cellOf), traffic, 'cells');
    // Not yet summed by the hour: read by the minute.
    const marks = days.map((day) => ({ ...key, hourMs: START_MS + day * DAY_MS, touchedAtMs: END_MS }));
    await markHoursDirty(
      store,
      marks.map((mark) => ({ ...mark, aspect: 'prediction' as const })),
      'dirty',
    );
    await insertMeasurements(store, measurements, 'measurements');
    await insertTransitions(store, [fired], 'fired');
    await insertRetrainingRun(store, {
      ...key,
      ...{ runId: 'run-1', version: '7', policy: 'when-it-falls', alertIds: ['a-1'], features: [], scheduledForMs: 0 },
      reason: `asked for ${HOSTILE}`,
      ...{ requestedAtMs: END_MS - DAY_MS, status: 'requested', detail: '', newVersion: '' },
      ...{ externalId: '', externalUrl: '', updatedAtMs: END_MS - DAY_MS },
    });
  });

  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const ask = async (path: string, apiKey = KEYS.read): Promise<{ status: number; text: string; headers: Headers }> => {
    const response = await fetch(new URL(path, server.url), { headers: { authorization: `Bearer ${apiKey}` } });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };

  it('says in one sentence what happened, then shows it', async () => {
    const query = new URLSearchParams(range).toString();
    const { status, text, headers } = await ask(`/v1/models/loans/report?${query}`);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    const words = text.replace(/<style>[^]*?<\/style>|<[^>]+>/g, '').replace(/\s+/g, ' ');
    expect(words).toContain(
      '1 of 2 features of loans moved since 2026-01-06 (income); accuracy fell from 0.83 to 0.74 (0.72 to 0.76) with labels for 61 % of the predictions; retraining requested since 2026-01-08.',
    );
    expect(words).toContain('income drifted (version 7)');
    expect(words).toContain('mean 14 → 25');
    expect(words).toContain('version 7 (8,000 predictions)');
    expect(words).toContain('when-it-falls');
    expect(words).toContain('still firing');
    // The window beside its reference: nothing below 20 any more.
    expect(text).toContain('&lt; 10: 40 %, now 0 %; 10 – 20: 30 %, now 0 %; ≥ 20: 30 %, now 100 %');
    // What somebody typed is text, in tables as in charts.
    expect(text).not.toContain('<script');
    expect(text).toContain('&lt;script>alert(1)');
    expect(text).toContain('&lt;script&gt;alert(1)');
  });

  it('is of one version, segment and zone where that is asked for', async () => {
    const other = await ask(`/v1/models/loans/report?version=8&zone=Asia/Tokyo&from=${range.from}&to=${range.to}`);
    expect(other.text).toContain('Nothing was measured of loans in this time.');
    expect(other.text).toContain('2026-01-01 09:00');
    const segment = await ask(`/v1/models/loans/report?segment=country%3DDE&from=${range.from}&to=${range.to}`);
    expect(segment.text).toContain('Nothing was measured of loans in this time.');
  });

  it('says what to do where there is nothing to show', async () => {
    const { status, text } = await ask('/v1/models/idle/report');
    expect(status).toBe(200);
    for (const said of [
      'Nothing was measured of idle',
      'Upload one',
      'No labels in this time',
      'No predictions in this time',
    ])
      expect(text).toContain(said);
  });

  it.each([
    ['/v1/models/nobody/report', KEYS.read, 404, 'nobody'],
    // Another project's model is as unknown as one that is not there.
    ['/v1/models/loans/report', KEYS.other, 404, 'loans'],
    [`/v1/models/loans/report?from=${range.to}&to=${range.from}`, KEYS.read, 400, 'must be later than `from`'],
    ['/v1/models/loans/report?from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z', KEYS.read, 400, 'at most 400 days'],
    ['/v1/models/loans/report?from=yesterday', KEYS.read, 400, 'from'],
    ['/v1/models/loans/report?zone=Mars/Olympus', KEYS.read, 400, 'zone'],
    ['/v1/models/loans/report', 'nobodys-key-0123456789', 401, 'key'],
  ])('refuses %s', async (path, apiKey, expected, said) => {
    const { status, text } = await ask(path, apiKey);
    expect([status, text]).toEqual([expected, expect.stringContaining(said)]);
  });

  const run = async (...given: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    const written = { stdout: '', stderr: '' };
    const code = await runProgram(['report', '--url', server.url, '--api-key', KEYS.read, ...given], {
      streams: {
        stdout: { write: (text) => (written.stdout += text) },
        stderr: { write: (text) => (written.stderr += text) },
      },
      standardInput: Readable.from([]),
      variables: {},
      now: () => END_MS,
    });
    return { code, ...written };
  };
  const scope = ['--model', 'loans', '--from', range.from, '--to', range.to];

  it('is written into a file by the command line', async () => {
    const file = join(folder, 'report.html');
    const { code, stdout } = await run(...scope, '-o', file);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/report\.html, \d+ kB/)]);
    const html = await readFile(file, 'utf8');
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain('moved since');
    expect((await run(...scope, '-o', '-')).stdout).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
    expect(JSON.parse((await run(...scope, '--json', '-o', file)).stdout)).toEqual({
      file,
      size_bytes: Buffer.byteLength(html),
    });
  });

  it.each([
    ['a model that is not there', ['--model', 'nobody', '-o', '-'], 1, 'nobody'],
    [
      'times the wrong way round',
      ['--model', 'loans', '--from', range.to, '--to', range.from],
      2,
      '--to: must be later than --from',
    ],
    [
      'a file that cannot be',
      [...scope, '-o', '/nowhere/at/all.html'],
      2,
      '--output: /nowhere/at/all.html cannot be written',
    ],
    ['a zone that is none', [...scope, '--zone', 'Mars/Olympus', '-o', '-'], 1, 'zone'],
  ])('is refused for %s', async (_, given, expected, said) => {
    const { code, stderr } = await run(...given);
    expect([code, stderr]).toEqual([expected, expect.stringContaining(said)]);
  });
});

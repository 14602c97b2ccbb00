import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Model, modelDeclarationSchema, type Monitor, monitorDeclarationSchema } from '@plumbline/contracts';
import {
  insertCells,
  insertEvaluationMarks,
  listTouchedHours,
  markHoursDirty,
  migrate,
  Store,
} from '@plumbline/storage';
import { planDue, TOUCH_MARGIN_MS } from './plan-due.js';

const HOUR_MS = 3_600_000;
const HOUR = Date.UTC(2026, 4, 1, 10);
const NOW_MS = HOUR + 5 * HOUR_MS;
const SETTLE_MS = 5 * 60_000;

const model: Model = {
  project: 'p',
  model: 'm',
  declaration: modelDeclarationSchema.parse({ windows: { every: '1h', settle: '5m' } }),
  origin: 'declared',
  updatedAtMs: 0,
  updatedBy: 't',
};
const monitor: Monitor = {
  project: 'p',
  model: 'm',
  monitor: 'traffic',
  declaration: monitorDeclarationSchema.parse({ detector: 'traffic' }),
  origin: 'declared',
};

describe('planDue, for a window that was touched', () => {
  let dataDir: string;
  let store: Store;
  let nextMark = 0;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-plan-due-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, NOW_MS);
    const scope = { project: 'p', model: 'm', version: '1', segment: '', minuteMs: HOUR, n: 1, idHashSum: 1 };
    const latency = { latencyN: 0, latencyBinIndexes: [], latencyBinCounts: [], weight: 1, weightSquares: 1 };
    await insertCells(store, [], [{ ...scope, ...latency, errors: 0 }], 'cells');
  });
  afterEach(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const touch = async (touchedAtMs: number): Promise<void> => {
    const mark = { project: 'p', model: 'm', aspect: 'prediction' as const, hourMs: HOUR, touchedAtMs };
    await markHoursDirty(store, [mark], `mark-${nextMark++}`);
  };
  const planned = async (nowMs: number, aheadAfterMs: number) => {
    const hours = await listTouchedHours(store, 'p', 'm', 0);
    const { plans } = await planDue(store, model, [monitor], undefined, hours, 365 * 24 * HOUR_MS, nowMs, aheadAfterMs);
    return plans.flatMap(({ windows }) => windows).find(({ startMs }) => startMs === HOUR);
  };
  const evaluated = async (evaluatedAtMs: number): Promise<void> => {
    const chain = { project: 'p', model: 'm', monitor: 'traffic', windowMs: HOUR_MS };
    const marks = [{ windowEndMs: HOUR + HOUR_MS, dataStartMs: HOUR, revision: 0, evaluatedAtMs }];
    await insertEvaluationMarks(store, chain, marks, `evaluated-${nextMark++}`);
  };

  it.each([
    ['in another process', Infinity],
    ['in this one', NOW_MS + TOUCH_MARGIN_MS],
  ])('opens it again for data that came %s between asking for its cells and measuring it', async (_, aheadAfterMs) => {
    await touch(NOW_MS - SETTLE_MS);
    const askedAtMs = NOW_MS - 10 * TOUCH_MARGIN_MS;
    // Data comes when the cells are being made whole as of the moment of asking, and the window is measured after that.
    await touch(askedAtMs + 5 * TOUCH_MARGIN_MS);
    expect((await planned(askedAtMs, aheadAfterMs))?.notBeforeMs).toBe(0);
    await evaluated(askedAtMs);
    expect(await planned(NOW_MS, aheadAfterMs)).toMatchObject({ mark: { evaluatedAtMs: askedAtMs } });
    await evaluated(NOW_MS);
    expect(await planned(NOW_MS + 2 * SETTLE_MS, Infinity)).toBeUndefined();
  });

  it('counts it as evaluated after marks of a clock that ran ahead of ours, and was set back', async () => {
    const aheadMs = NOW_MS + HOUR_MS;
    await touch(aheadMs);
    expect(await planned(NOW_MS, NOW_MS + TOUCH_MARGIN_MS)).toMatchObject({ notBeforeMs: aheadMs + TOUCH_MARGIN_MS });
  });

  it('looks at it again and again while the clock of another machine is ahead of ours', async () => {
    await touch(NOW_MS + HOUR_MS);
    await evaluated(NOW_MS - SETTLE_MS);
    expect(await planned(NOW_MS, Infinity)).toMatchObject({ notBeforeMs: 0 });
    await evaluated(NOW_MS);
    expect(await planned(NOW_MS + SETTLE_MS, Infinity)).toBeDefined();
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, type SelectOnlyEngine, Store } from '@plumbline/storage';
import { alertRules } from '../../grafana/src/alert-rules.js';
import { askAsGrafana, openAsGrafana } from '../support/ask-as-grafana.js';

const HOUR_MS = 3_600_000;
const [rules] = alertRules({ groups: [] }).map((group) => group.rules);

/**
 * What the alert rules over the tables find: the engine's clock is theirs, so everything lies half an hour or more from their bounds.
 * @embedded-only: the statements are the same on a server.
 */
describe('alert rules of Grafana over the tables', () => {
  let dataDir: string;
  let store: Store;
  let engine: SelectOnlyEngine;
  const nowMs = Date.now();
  const ago = (hours: number): string => new Date(nowMs - hours * HOUR_MS).toISOString().slice(0, 19).replace('T', ' ');

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-rules-'));
    store = await Store.open({ dataDir, database: 'plumbline', readers: true });
    await migrate(store, nowMs);
    engine = await openAsGrafana(store);
  });
  afterAll(async () => {
    await engine.close();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const traffic = async (model: string, hoursAgo: number, n: number): Promise<void> =>
    store.insert(
      'traffic_cell',
      [{ project: 'p', model, version: '1', segment: '', minute: ago(hoursAgo), n, sum_weight: n }],
      `${model}/${hoursAgo}`,
    );
  const transition = async (model: string, alert_id: string, severity: string, to: string, hours: number) =>
    store.insert(
      'transition',
      [
        {
          ...{ project: 'p', model, monitor: 'm', transition_id: `${alert_id}/${hours}`, alert_id, version: '1' },
          ...{ window_end: ago(hours), decided_at: ago(hours), to_status: to, severity, notifiable: 1, precedence: 1 },
        },
      ],
      `${alert_id}/${hours}`,
    );
  const event = async (model: string, run_id: string, to_status: string, hours: number, rank: number) =>
    store.insert(
      'retraining_event',
      [
        {
          project: 'p',
          model,
          run_id,
          event_id: `${run_id}/${to_status}`,
          to_status,
          at: ago(hours),
          rank,
          precedence: 1,
        },
      ],
      `${run_id}/${to_status}`,
    );

  /** In seconds; the test may take minutes on a busy machine. */
  const hours30 = expect.closeTo(30 * 3_600, -3) as number;

  /** The alerts of a rule: labels, and the value that is above its bound. */
  async function alertsOf(title: string): Promise<Readonly<Record<string, unknown>>[]> {
    const [query, condition] = rules!.find((rule) => rule.title === title)!.data;
    const [{ evaluator }] = condition!.model.conditions as [{ evaluator: { params: [number] } }];
    const { rows } = await askAsGrafana(engine, query!.model.rawSql as string, {
      fromMs: nowMs,
      toMs: nowMs,
      intervalSeconds: 60,
      variables: {},
    });
    return rows.filter((row) => Number(Object.values(row).at(-1)) > evaluator.params[0]);
  }

  it('find nothing where nothing is', async () => {
    for (const { title } of rules!) expect([title, await alertsOf(title)]).toEqual([title, []]);
  });

  it('PlumblineModelCritical: what fires and is critical, until it is over', async () => {
    await transition('worse', 'a', 'warning', 'firing', 30);
    await transition('worse', 'a', 'critical', 'firing', 6);
    await transition('worse', 'b', 'critical', 'firing', 6);
    await transition('better', 'c', 'critical', 'firing', 30);
    await transition('better', 'c', 'ok', 'inactive', 6);
    await transition('warned', 'd', 'warning', 'firing', 6);
    expect(await alertsOf('PlumblineModelCritical')).toEqual([{ project: 'p', model: 'worse', alerts: 2 }]);
  });

  it('PlumblineModelSilent: who was busy in this hour of yesterday, and is not now', async () => {
    await traffic('silent', 24.5, 150);
    await traffic('silent', 2, 150);
    await traffic('steady', 24.5, 150);
    await traffic('steady', 0.2, 1);
    await traffic('little', 24.5, 50);
    expect(await alertsOf('PlumblineModelSilent')).toEqual([{ project: 'p', model: 'silent', yesterday: 150 }]);
  });

  it('PlumblineWindowsUnjudged: only where there was something to judge', async () => {
    const evaluated = async (hours: number): Promise<void> =>
      store.insert(
        'evaluation',
        [
          {
            project: 'p',
            model: 'm',
            monitor: 'm',
            window_ms: 1,
            window_end: ago(hours),
            revision: 1,
            evaluated_at: ago(hours),
          },
        ],
        `e${hours}`,
      );
    await evaluated(30);
    expect(await alertsOf('PlumblineWindowsUnjudged')).toEqual([]);
    await traffic('m', 25.5, 10);
    expect(await alertsOf('PlumblineWindowsUnjudged')).toEqual([{ age: hours30 }]);
    await evaluated(2);
    expect(await alertsOf('PlumblineWindowsUnjudged')).toEqual([]);
  });

  it('PlumblineRetrainingWaits and PlumblineRetrainingFailed: by where a run stands', async () => {
    await event('waits', 'r1', 'awaiting_approval', 30, 1);
    await event('answered', 'r2', 'awaiting_approval', 30, 1);
    await event('answered', 'r2', 'approved', 29, 2);
    await event('new', 'r3', 'awaiting_approval', 2, 1);
    await event('failed', 'r4', 'awaiting_approval', 30, 1);
    await event('failed', 'r4', 'failed', 3, 5);
    await event('long ago', 'r5', 'failed', 30, 5);
    expect(await alertsOf('PlumblineRetrainingWaits')).toEqual([{ project: 'p', model: 'waits', waited: hours30 }]);
    expect(await alertsOf('PlumblineRetrainingFailed')).toEqual([{ project: 'p', model: 'failed', runs: 1 }]);
  });
});

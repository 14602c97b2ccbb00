import { type RetrainingRun, type RetrainingRunStatus, retrainingRunStatusSchema } from '@plumbline/contracts';
import { changeRun } from './change-run.js';
import { reportChange } from './report-change.js';
import { calledNobody, isOver, mayFollow, retrainingTransitions } from './run-progress.js';

const NOW_MS = Date.UTC(2026, 0, 10);
const statuses = retrainingRunStatusSchema.options;

const runIn = (status: RetrainingRunStatus, values: Partial<RetrainingRun> = {}): RetrainingRun => ({
  runId: 'r',
  project: 'p',
  model: 'm',
  version: '1',
  policy: 'default',
  alertIds: ['a'],
  features: [],
  scheduledForMs: 0,
  reason: 'drift',
  requestedAtMs: NOW_MS,
  status,
  detail: 'said before',
  newVersion: '',
  externalId: '',
  externalUrl: '',
  updatedAtMs: NOW_MS,
  ...values,
});

describe('statuses of a run', () => {
  it('follow one another as people read them, and in no other way', () => {
    const told = statuses.flatMap((from) =>
      statuses.filter((to) => to !== from && mayFollow(from, to)).map((to) => `${from} → ${to}`),
    );
    expect(told).toEqual([
      'requested → awaiting_approval',
      'requested → triggered',
      'requested → running',
      'requested → succeeded',
      'requested → failed',
      'requested → cancelled',
      'awaiting_approval → approved',
      'awaiting_approval → refused',
      'awaiting_approval → cancelled',
      'approved → triggered',
      'approved → running',
      'approved → succeeded',
      'approved → failed',
      'approved → cancelled',
      'triggered → running',
      'triggered → succeeded',
      'triggered → failed',
      'triggered → timed_out',
      'running → succeeded',
      'running → failed',
      'running → timed_out',
      'succeeded → verified',
      'succeeded → rejected',
      'timed_out → succeeded',
      'timed_out → failed',
    ]);
  });

  it('lead to an end, and from none of them back', () => {
    const after = (from: RetrainingRunStatus): readonly RetrainingRunStatus[] =>
      retrainingTransitions[from].filter((to) => to !== from);
    const reachable = (from: RetrainingRunStatus): Set<RetrainingRunStatus> => {
      const seen = new Set<RetrainingRunStatus>();
      const look = (status: RetrainingRunStatus): void => {
        for (const next of after(status)) {
          if (seen.has(next)) continue;
          seen.add(next);
          look(next);
        }
      };
      look(from);
      return seen;
    };
    for (const status of statuses) {
      expect([status, reachable(status).has(status)]).toEqual([status, false]);
      expect([status, isOver(status) || [...reachable(status)].some(isOver)]).toEqual([status, true]);
    }
    expect(statuses.filter(calledNobody)).toEqual(['refused', 'dry_run', 'cancelled']);
  });
});

describe('changeRun', () => {
  it('gives the event of a change that may follow, under an id that does not depend on the time', () => {
    const run = runIn('triggered');
    const event = changeRun(run, { to: 'running', who: 'pipeline', detail: 'epoch 1' }, NOW_MS + 5)!;
    expect(event).toMatchObject({ runId: 'r', from: 'triggered', to: 'running', who: 'pipeline', detail: 'epoch 1' });
    expect(event.atMs).toBe(NOW_MS + 5);
    const again = changeRun(run, { to: 'running', who: 'another', detail: 'epoch 2' }, NOW_MS + 9)!;
    expect(again.eventId).toBe(event.eventId);
    expect(changeRun(run, { to: 'failed', who: 'pipeline' }, NOW_MS)!.eventId).not.toBe(event.eventId);
  });

  it('gives none for what may not follow', () => {
    for (const from of statuses) {
      for (const to of statuses) {
        const event = changeRun(runIn(from), { to, who: 'w', detail: 'new' }, NOW_MS);
        expect([from, to, event !== undefined]).toEqual([from, to, mayFollow(from, to)]);
      }
    }
  });

  it('takes the same for news when it says something else, or after a while', () => {
    const run = runIn('running');
    const same = { to: 'running', who: 'pipeline', detail: 'said before' } as const;
    expect(changeRun(run, same, NOW_MS + 59_999)).toBeUndefined();
    const later = [60_000, 180_000].map((ms) => changeRun(run, same, NOW_MS + ms)!.eventId);
    expect(new Set(later).size).toBe(2);
    const other = changeRun(run, { ...same, detail: 'epoch 2' }, NOW_MS)!;
    expect(other.eventId).not.toBe(changeRun(run, { ...same, detail: 'epoch 3' }, NOW_MS)!.eventId);
    // Said in the same millisecond, or after the clock was set back, it is the last word all the same.
    expect(other.atMs).toBe(NOW_MS + 1);
    const version = changeRun(
      runIn('succeeded'),
      { to: 'succeeded', who: 'w', newVersion: '2', detail: 'said before' },
      0,
    );
    expect(version).toMatchObject({ newVersion: '2' });
  });
});

describe('reportChange', () => {
  it('says of a report after the time-out that it was late', () => {
    const report = { status: 'succeeded', version: '2', detail: 'AUC 0.9' } as const;
    expect(reportChange(runIn('running'), report, 'pipeline')).toEqual({
      to: 'succeeded',
      who: 'pipeline',
      detail: 'AUC 0.9',
      newVersion: '2',
    });
    expect(reportChange(runIn('timed_out'), report, 'pipeline').detail).toBe(
      'Reported after the run had timed out. AUC 0.9',
    );
  });
});

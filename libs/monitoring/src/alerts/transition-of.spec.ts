import { type Measurement, withoutLabels } from '@plumbline/contracts';
import { initialAlertState } from './initial-alert-state.js';
import { type LateData, type RetrospectChange, transitionOf } from './transition-of.js';

const END_MS = Date.UTC(2026, 4, 3);
const UNTIL_MS = Date.UTC(2026, 4, 9);
const labels: LateData = { labels: true, predictions: false, untilMs: UNTIL_MS };

const measurement = (feature: string): Measurement => ({
  ...{ project: 'p', model: 'm', monitor: 'performance', version: '1', segment: '', feature, method: 'accuracy' },
  ...{ windowStartMs: END_MS - 10, windowEndMs: END_MS, dataStartMs: END_MS - 10, revision: 1 },
  ...{ value: 0.7, effect: 0.3, errorBound: 0, pValue: 0, adjustedPValue: 0, alpha: 0.01 },
  ...{ nReference: 1, nCurrent: 1, nMissing: 0, thresholdWarning: 0.1, thresholdCritical: 0.25 },
  ...{ lower: NaN, upper: NaN, ...withoutLabels, referenceId: 'r', severity: 'critical', decides: true },
  ...{ reason: 'Accuracy fell.', evaluatedAtMs: 1 },
});
const reasonOf = (change: Partial<RetrospectChange> | undefined, revision = 2, feature = ''): string =>
  transitionOf(
    measurement(feature),
    initialAlertState,
    { ...initialAlertState, status: 'firing', severity: 'critical', alertId: 'a' },
    {
      ...{ windowEndMs: END_MS, revision, decidedAtMs: UNTIL_MS + 1 },
      change: change && {
        ...{ windowEndMs: END_MS, revision, valueBefore: 0.95, valueAfter: 0.7, late: labels },
        ...change,
      },
    },
  ).reason;

describe('the reason of a transition in retrospect', () => {
  it.each<[string, string, string]>([
    [
      'which labels changed what',
      reasonOf({}),
      'labels that came until 2026-05-09T00:00:00.000Z changed accuracy in this window from 0.95 to 0.7 (revision 2)',
    ],
    [
      'in which other window',
      reasonOf({ windowEndMs: END_MS - 86_400_000, revision: 5 }),
      'labels that came until 2026-05-09T00:00:00.000Z changed accuracy in the window that ended at 2026-05-02T00:00:00.000Z from 0.95 to 0.7 (revision 5)',
    ],
    [
      'that predictions came too',
      reasonOf({ late: { ...labels, predictions: true } }, 2, 'age'),
      'predictions and labels that came until 2026-05-09T00:00:00.000Z changed accuracy of age in this window from 0.95 to 0.7 (revision 2)',
    ],
    [
      'what is known only now',
      reasonOf({ valueBefore: NaN }),
      'labels that came until 2026-05-09T00:00:00.000Z made accuracy known in this window, 0.7 (revision 2)',
    ],
    [
      'what is not known any more',
      reasonOf({ valueAfter: NaN }),
      'labels that came until 2026-05-09T00:00:00.000Z left accuracy unknown in this window, where it was 0.95 (revision 2)',
    ],
    [
      'that the number is the same and means something else',
      reasonOf({ valueBefore: 0.7, late: undefined }),
      'another evaluation changed the verdict on accuracy in this window (revision 2)',
    ],
    ['no more than is known after a stop', reasonOf(undefined), 'late data changed this window (revision 2)'],
    ['that the window came out of turn', reasonOf(undefined, 0), 'this window was evaluated after later ones'],
  ])('says %s', (_, reason, since) => expect(reason).toBe(`In retrospect, since ${since}: Accuracy fell.`));
});

import {
  type Measurement,
  type Model,
  modelDeclarationSchema,
  type Monitor,
  monitorDeclarationSchema,
} from '@plumbline/contracts';
import { closingReason, type EvaluatedFindings, type OpenEpisode } from './closing-reason.js';

const DAY_MS = 86_400_000;
/** Windows of a day; the alert was last decided on in the window of day 10, a minute after its end. */
const LAST_END_MS = 11 * DAY_MS;

const model = (updatedAtMs = 1, every = '1d'): Model => ({
  project: 'p',
  model: 'm',
  declaration: modelDeclarationSchema.parse({ windows: { every } }),
  origin: 'declared',
  updatedAtMs,
  updatedBy: 't',
});
const monitor = (values: object = {}, updatedAtMs = 1): Monitor => ({
  project: 'p',
  model: 'm',
  monitor: 'drift',
  declaration: monitorDeclarationSchema.parse({ detector: 'feature_drift', ...values }),
  origin: 'declared',
  updatedAtMs,
});
const episode: OpenEpisode = {
  project: 'p',
  model: 'm',
  monitor: 'drift',
  version: '1',
  segment: '',
  feature: 'age',
  method: 'psi.decile',
  alertId: 'a',
  windowMs: DAY_MS,
  endedByHand: false,
  lastWindowEndMs: LAST_END_MS,
  decidedAtMs: LAST_END_MS + 60_000,
  told: {
    transitionId: 't',
    status: 'firing',
    severity: 'warning',
    revision: 0,
    threshold: 0.1,
    decidedAtMs: LAST_END_MS + 60_000,
  },
};
const measured = (values: Partial<Measurement> = {}): Measurement =>
  ({
    version: '1',
    segment: '',
    feature: 'age',
    method: 'psi.decile',
    severity: 'critical',
    decides: true,
    ...values,
  }) as Measurement;
const found = (...measurements: Measurement[]): EvaluatedFindings => ({
  windowEndMs: LAST_END_MS + DAY_MS,
  measurements,
});
const NOW_MS = LAST_END_MS + DAY_MS + 60_000;

describe('closingReason', () => {
  it.each<[string, string | undefined, Monitor[], EvaluatedFindings | undefined, Partial<OpenEpisode>]>([
    ['nothing was evaluated', undefined, [monitor()], undefined, {}],
    [
      'a rejected retraining opened it, which no monitor decides on',
      undefined,
      [],
      undefined,
      { monitor: 'policy', feature: '', method: 'retraining_rejected' },
    ],
    ['the series was judged', undefined, [monitor()], found(measured({ severity: 'ok' })), {}],
    ['it had too little data', undefined, [monitor()], found(measured({ severity: 'insufficient_data' })), {}],
    ['its version is silent and still watched', undefined, [monitor()], found(measured({ severity: 'no_data' })), {}],
    [
      'it was ended by hand',
      'it was resolved by hand while it was being decided on',
      [monitor()],
      undefined,
      { endedByHand: true },
    ],
    ['there is no such monitor', 'the monitor was deleted', [], undefined, {}],
    ['the monitor is disabled', 'the monitor was disabled', [monitor({ enabled: false })], undefined, {}],
    [
      'the monitor has other windows since',
      'the windows of the monitor have another length now',
      [monitor({ windows: { every: '1h' } }, LAST_END_MS + DAY_MS)],
      undefined,
      {},
    ],
    ['somebody asked for windows of that length', undefined, [monitor({ windows: { every: '1h' } })], undefined, {}],
    [
      'the monitor looks at a segment since',
      'the monitor looks at segment vip now',
      [monitor({ segment: 'vip' })],
      found(measured({ segment: 'vip' })),
      {},
    ],
    [
      'the monitor looks at all events since',
      'the monitor looks at all events now',
      [monitor()],
      found(measured()),
      { segment: 'vip' },
    ],
    [
      'a segment of all was judged',
      undefined,
      [monitor({ segment: '*' })],
      found(measured({ segment: 'vip' })),
      { segment: 'vip' },
    ],
    [
      'a segment of several was measured no more',
      'segment country=FR is not declared any more, or has made no predictions for 30 windows or more',
      [monitor({ segment: 'country' })],
      found(measured({ segment: 'country=DE' })),
      { segment: 'country=FR' },
    ],
    [
      'the monitor looks at another version since',
      'the monitor looks at version 2 only',
      [monitor({ version: '2' })],
      found(measured({ version: '2' })),
      {},
    ],
    [
      'another version has taken over',
      'version 1 makes no predictions any more, and others do',
      [monitor()],
      found(measured({ version: '2' })),
      {},
    ],
    [
      'the model is silent for so long that it is not watched',
      'the model has made no predictions for 30 windows or more',
      [monitor()],
      found(),
      {},
    ],
    ['a silence was to be told', undefined, [monitor({ no_data: 'alert' })], found(), {}],
    ['the alert is about too few predictions', undefined, [monitor()], found(), { method: 'volume', feature: '' }],
    [
      'the threshold was removed',
      'the monitor does not judge psi.decile any more',
      [monitor()],
      found(measured({ decides: false })),
      {},
    ],
    [
      'the method was removed',
      'the monitor does not measure psi.decile any more',
      [monitor()],
      found(measured({ method: 'ks' })),
      {},
    ],
    [
      'the metric of the model was removed',
      'the monitor does not measure accuracy any more',
      [monitor()],
      found(measured({ feature: '', method: 'f1' })),
      { feature: '', method: 'accuracy' },
    ],
    [
      'the feature is gone',
      'age is not measured any more: the reference or the monitor does not name it',
      [monitor()],
      found(measured({ feature: 'fee' })),
      {},
    ],
    [
      'the detector failed',
      undefined,
      [monitor()],
      found(measured({ feature: '', method: 'feature_drift', severity: 'error' })),
      {},
    ],
    [
      'an older window was evaluated again',
      undefined,
      [monitor()],
      { windowEndMs: LAST_END_MS - DAY_MS, measurements: [measured({ feature: 'fee' })] },
      {},
    ],
  ])('when %s: %s', (_, reason, monitors, evaluated, values) => {
    expect(closingReason({ ...episode, ...values }, model(), monitors, evaluated, NOW_MS)).toBe(reason);
  });

  it('closes when the windows of the model changed after the decision, and not when before', () => {
    const without = monitor();
    expect(closingReason(episode, model(episode.decidedAtMs + 1, '1h'), [without], undefined, NOW_MS)).toMatch(
      'another length',
    );
    expect(closingReason(episode, model(episode.decidedAtMs, '1h'), [without], undefined, NOW_MS)).toBeUndefined();
  });

  it('closes what nothing has decided on for thirty windows, unless it is about the silence', () => {
    const endMs = episode.decidedAtMs + 30 * DAY_MS;
    expect(closingReason(episode, model(), [monitor()], undefined, endMs - 1)).toBeUndefined();
    expect(closingReason(episode, model(), [monitor()], undefined, endMs)).toBe(
      'no window was evaluated for as long as 30 take',
    );
    expect(closingReason(episode, model(), [monitor({ no_data: 'alert' })], undefined, endMs)).toBeUndefined();
  });

  it('takes the time of the decision where the windows lie far in the past: an imported history', () => {
    const imported = { ...episode, decidedAtMs: LAST_END_MS + 400 * DAY_MS };
    expect(closingReason(imported, model(), [monitor()], undefined, imported.decidedAtMs + DAY_MS)).toBeUndefined();
  });
});

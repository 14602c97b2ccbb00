import { type Measurement, withoutLabels } from '@plumbline/contracts';

const DAY_MS = 86_400_000;

/** A measurement of a daily window that found nothing, but for what is given. */
export function dailyMeasurement(values: Partial<Measurement> & Pick<Measurement, 'windowEndMs'>): Measurement {
  return {
    project: 'p',
    model: 'm',
    monitor: 'feature-drift',
    version: '1',
    segment: '',
    feature: 'age',
    method: 'psi.decile',
    windowStartMs: values.windowEndMs - DAY_MS,
    dataStartMs: values.windowEndMs - DAY_MS,
    revision: 0,
    value: 0.1,
    effect: 0.1,
    errorBound: 0,
    pValue: NaN,
    adjustedPValue: NaN,
    alpha: NaN,
    nReference: 100,
    nCurrent: 100,
    nMissing: 0,
    thresholdWarning: 0.1,
    thresholdCritical: NaN,
    lower: NaN,
    upper: NaN,
    ...withoutLabels,
    referenceId: 'r',
    severity: 'ok',
    decides: true,
    reason: '',
    evaluatedAtMs: values.windowEndMs,
    ...values,
  };
}

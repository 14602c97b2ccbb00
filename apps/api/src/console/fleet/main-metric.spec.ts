import type { FleetMetric } from '@plumbline/storage';
import { mainMetric } from './main-metric.js';

describe('mainMetric', () => {
  const metric = (name: string, values: Partial<FleetMetric> = {}): FleetMetric => ({
    metric: name,
    decides: false,
    severity: 'ok',
    windowEndMs: 2,
    values: [0.9],
    ...values,
  });
  it.each([
    ['nothing', [], undefined],
    ['the most usual', [metric('log_loss'), metric('roc_auc'), metric('accuracy')], 'accuracy'],
    ['one that decides', [metric('accuracy'), metric('log_loss', { decides: true })], 'log_loss'],
    ['one of the newest window', [metric('accuracy', { windowEndMs: 1 }), metric('rmse')], 'rmse'],
    ['one that has a value', [metric('accuracy', { values: [NaN] }), metric('rmse')], 'rmse'],
    ['nothing without a value', [metric('accuracy', { values: [NaN] })], undefined],
  ])('is %s', (_, metrics, expected) => {
    expect(mainMetric(metrics)?.metric).toBe(expected);
  });
});

import { monitorDeclarationSchema } from '@plumbline/contracts';
import { noPerformance, type WindowData } from '../windows/window-data.js';
import { measure } from './measure.js';

const silence: WindowData = {
  series: [],
  traffic: { n: 0, errors: 0, latencyCount: 0, latencyBins: [], weight: 0, weightSquares: 0 },
  performance: noPerformance,
};
const reference = {
  project: 'p',
  model: 'm',
  version: '1',
  referenceId: 'ref',
  createdAtMs: 0,
  createdBy: '',
  source: '',
  n: 100,
  performance: { accuracy: 0.9 },
  series: [
    {
      series: 'age',
      kind: 'numeric',
      binSetId: 'bins',
      edges: [1],
      decileEdgeIndexes: [0],
      categories: [],
      otherHashes: [],
      counts: [50, 50],
      n: 100,
      missing: 0,
      invalid: 0,
      mean: 1,
      std: 1,
      min: 0,
      max: 2,
    },
  ],
} as const;

describe('measure', () => {
  it.each([
    [
      'feature_drift',
      [
        ['psi.decile', 'no_data'],
        ['ks', 'no_data'],
      ],
    ],
    ['prediction_drift', []],
    [
      'data_quality',
      [
        ['missing_rate', 'no_data'],
        ['invalid_rate', 'no_data'],
        ['out_of_range_rate', 'no_data'],
      ],
    ],
    ['performance', [['accuracy', 'no_data']]],
    [
      'traffic',
      [
        ['volume', 'measured'],
        ['error_rate', 'no_data'],
        ['latency_p50_ms', 'no_data'],
        ['latency_p95_ms', 'no_data'],
        ['latency_p99_ms', 'no_data'],
      ],
    ],
  ])('%s: a window without events has no data, but a volume', (detector, expected) => {
    const declaration = monitorDeclarationSchema.parse({ detector });
    const found = measure({ declaration, task: 'binary', positiveClass: '1', profile: reference, data: silence });
    expect(found.map(({ method, state }) => [method, state])).toEqual(expected);
  });
});

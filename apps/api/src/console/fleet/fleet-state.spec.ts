import type { FleetModel } from '@plumbline/storage';
import { fleetStateOf } from './fleet-state.js';

describe('fleetStateOf', () => {
  const model: FleetModel = {
    model: 'm',
    task: '',
    firing: 0,
    firingSeverities: [],
    evaluatedAtMs: 1,
    evaluations: '1',
    unjudged: [],
  };
  it.each([
    ['ok', {}],
    ['new', { evaluatedAtMs: 0 }],
    ['warning', { firing: 1, firingSeverities: ['warning'] }],
    ['critical', { firing: 2, firingSeverities: ['warning', 'critical'] }],
    ['critical', { firing: 1, firingSeverities: ['critical'], unjudged: ['no_reference'] }],
    ['no_reference', { unjudged: ['no_reference'] }],
    ['error', { unjudged: ['no_reference', 'error'] }],
    ['no_data', { firing: 1, firingSeverities: ['no_data'] }],
    ['warning', { firing: 1, firingSeverities: ['ok'] }],
  ] as const)('is %s of %j', (expected, values) => {
    expect(fleetStateOf({ ...model, ...values })).toBe(expected);
  });
});

import { type PlacedMeasurement, undefinedMeasurement } from './raw-measurement.js';
import { needsWidening, takeWider } from './widen.js';

const placed = (feature: string, values: Partial<PlacedMeasurement>): PlacedMeasurement => ({
  ...undefinedMeasurement,
  feature,
  method: 'psi.decile',
  version: '1',
  segment: '',
  dataStartMs: 90,
  state: 'measured',
  finding: '',
  threshold: { warning: 0.1 },
  ...values,
});

describe('widening', () => {
  it.each([
    ['all measured', [placed('a', {})], false],
    ['one that decides has too little', [placed('a', {}), placed('b', { state: 'insufficient' })], true],
    ['only recorded ones have too little', [placed('a', { state: 'insufficient', threshold: undefined })], false],
    ['a wider window would not mend an error', [placed('a', { state: 'error' })], false],
    ['silence stays silence', [placed('a', { state: 'no_data' })], false],
  ])('%s', (_, measurements, expected) => {
    expect(needsWidening(measurements)).toBe(expected);
  });

  it('replaces only what has too little, by the same series of the wider window', () => {
    const kept = [
      placed('a', { value: 1 }),
      placed('b', { state: 'insufficient' }),
      placed('c', { state: 'insufficient' }),
      placed('b', { state: 'insufficient', version: '2' }),
    ];
    const wider = [
      placed('a', { value: 2, dataStartMs: 70 }),
      placed('b', { value: 3, dataStartMs: 70 }),
      placed('b', { value: 4, dataStartMs: 70, version: '2', state: 'insufficient' }),
    ];
    expect(takeWider(kept, wider)).toEqual([kept[0], wider[1], kept[2], wider[2]]);
  });
});

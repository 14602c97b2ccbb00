import { combineEstimates } from './estimate.js';

describe('combineEstimates', () => {
  it('adds the squares of the distances on each side', () => {
    const part = (value: number, below: number, above: number) => ({
      weight: 0.5,
      estimate: { value, lower: value - below, upper: value + above },
    });
    const { value, lower, upper } = combineEstimates([part(0.4, 0.06, 0.08), part(0.8, 0.08, 0.06)]);
    expect(value).toBeCloseTo(0.6, 15);
    expect(lower).toBeCloseTo(0.6 - 0.05, 15);
    expect(upper).toBeCloseTo(0.6 + 0.05, 15);
  });
});

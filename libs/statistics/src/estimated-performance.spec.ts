import { estimatedPerformance } from './estimated-performance.js';
import { isotonicRegression } from './isotonic-regression.js';

const identity = { x: [0, 1], y: [0, 1] };

describe('performance estimated from calibrated scores', () => {
  it('is what the probabilities add up to', () => {
    const estimate = estimatedPerformance(identity, [0.9, 0.8, 0.3, 0.2], [1, 1, 0, 0]);
    expect(estimate.truePositives).toBeCloseTo(1.7, 12);
    expect(estimate.falsePositives).toBeCloseTo(0.3, 12);
    expect(estimate.falseNegatives).toBeCloseTo(0.5, 12);
    expect(estimate.trueNegatives).toBeCloseTo(1.5, 12);
    expect(estimate.accuracy).toBeCloseTo(0.8, 12);
    expect(estimate.precision).toBeCloseTo(0.85, 12);
    expect(estimate.recall).toBeCloseTo(1.7 / 2.2, 12);
    expect(estimate.specificity).toBeCloseTo(1.5 / 1.8, 12);
    expect(estimate.f1).toBeCloseTo(3.4 / 4.2, 12);
  });

  it('is the realised performance on the rows it was calibrated on', () => {
    const scores = [0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9, 0.1, 0.9];
    const labels = [0, 0, 0, 0, 1, 1, 1, 1, 0, 1];
    const estimate = estimatedPerformance(
      isotonicRegression(scores, labels),
      scores,
      scores.map((score) => (score > 0.5 ? 1 : 0)),
    );
    expect(estimate).toMatchObject({ accuracy: 1, precision: 1, recall: 1, specificity: 1, f1: 1, rocAuc: 1 });
  });

  it('knows nothing of the order of rows with one score', () => {
    expect(estimatedPerformance(identity, [0.5, 0.5, 0.5], [1, 0, 1]).rocAuc).toBeCloseTo(0.5, 15);
    expect(estimatedPerformance(identity, [0.5, 0.5], [1, 0]).averagePrecision).toBeCloseTo(0.5, 15);
  });

  it('leaves rows without a score out, and has no ratio of nothing', () => {
    const estimate = estimatedPerformance(identity, [NaN, 1], [1, 1]);
    expect(estimate).toMatchObject({ truePositives: 1, falsePositives: 0, accuracy: 1, specificity: NaN, rocAuc: NaN });
    expect(estimatedPerformance(identity, [], []).accuracy).toBeNaN();
  });

  it('refuses columns that are not aligned', () => {
    expect(() => estimatedPerformance(identity, [0.5], [])).toThrow('1 scores, but 0 predictions');
  });
});

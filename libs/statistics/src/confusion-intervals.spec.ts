import { confusionEstimates } from './confusion-intervals.js';
import { wilsonInterval } from './wilson-interval.js';

const cell = (predicted: string, label: string, n: number) => ({ predicted, label, n });

describe('confusionEstimates', () => {
  it('has nothing to say without rows', () => {
    expect(confusionEstimates([], undefined, 0.95)).toBeUndefined();
    expect(confusionEstimates([cell('a', 'b', 0)], 'a', 0.95)).toBeUndefined();
  });

  it('gives Wilson’s intervals of rates, and of F1 by the share it is made of', () => {
    const cells = [cell('1', '1', 60), cell('1', '0', 20), cell('0', '1', 40), cell('0', '0', 880)];
    const found = confusionEstimates(cells, '1', 0.95)!;
    expect(found.accuracy).toEqual({ value: 0.94, ...wilsonInterval(940, 1000, 0.95) });
    expect(found.precision).toEqual({ value: 0.75, ...wilsonInterval(60, 80, 0.95) });
    expect(found.recall).toEqual({ value: 0.6, ...wilsonInterval(60, 100, 0.95) });
    expect(found.specificity).toEqual({ value: 880 / 900, ...wilsonInterval(880, 900, 0.95) });
    const { lower } = wilsonInterval(60, 120, 0.95);
    expect(found.f1.lower).toBeCloseTo((2 * lower) / (1 + lower), 15);
  });

  it('has widths where everything is right', () => {
    const found = confusionEstimates([cell('a', 'a', 20), cell('b', 'b', 20)], undefined, 0.95)!;
    for (const estimate of [found.accuracy, found.f1, found.mcc, found.balancedAccuracy, found.weighted.f1]) {
      expect(estimate.value).toBe(1);
      expect(estimate.lower).toBeLessThan(1);
      expect(estimate.upper).toBe(1);
    }
  });

  it('says nothing of a class that is neither predicted nor there', () => {
    const { precision, recall } = confusionEstimates([cell('0', '0', 9)], '1', 0.95)!;
    expect([precision, recall]).toEqual([
      { value: 0, lower: 0, upper: 1 },
      { value: 0, lower: 0, upper: 1 },
    ]);
  });

  it('leaves MCC of very many classes without an interval, in reasonable time', () => {
    const cells = Array.from({ length: 2_000 }, (_, i) => cell(String(i % 100), String(i % 97), 3));
    const { mcc } = confusionEstimates(cells, undefined, 0.95)!;
    expect([mcc.lower, mcc.upper]).toEqual([-1, 1]);
  });
});
